"""Decides who is on which photo, by comparing faces with the reference faces of known users."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from faces.engine.base import Limits

PhotoKey = TypeVar("PhotoKey", bound=Hashable)
UserKey = TypeVar("UserKey", bound=Hashable)
Floats = NDArray[np.float32]

PRODUCTS = 1 << 23  # compared at once: bounds the memory, whatever the size of the album


def match_faces(
    faces: Floats,
    photo_of_face: Sequence[PhotoKey],
    references: Mapping[UserKey, Floats],
    limits: Limits,
    *,
    denied: Collection[tuple[PhotoKey, UserKey]] = (),
) -> dict[tuple[PhotoKey, UserKey], float]:
    """Returns the score, 0.5 at the threshold to 1 for identical faces, with which each photo shows each user.

    `faces` has shape (n, d), each of the `references` (k, d). The nearest pairs are taken first: a user is at most
    one face of a photo, and a face is at most one user. But where the references of two users surely show one
    human, a face may be both: who gave the other's picture cannot be told, and must not take any photo away.

    If the engine's limits say so, the faces that are surely a user's stay that and become references once. What
    they lead to counts as no nearer than they are themselves.

    `denied` are pairs of a photo and a user who says that it does not show them. They get their scores like all
    others, but the face may be another user's as well, and becomes no reference.
    """
    users = [user for user in references if len(references[user])]
    if not len(faces) or not users:
        return {}
    known = _References.of([references[user] for user in users])
    alike = {(int(known.users[row]), user) for _, row, user in _claims(known.faces, known, limits.sure)}
    number_of = {user: number for number, user in enumerate(users)}
    refuted = {(photo, number_of[user]) for photo, user in denied if user in number_of}
    claims = _settle(_claims(faces, known, limits.threshold), photo_of_face, alike, refuted)
    sure = [
        claim
        for claim in claims
        if claim.distance < limits.sure and (photo_of_face[claim.face], claim.user) not in refuted
    ]
    if limits.expands and sure:
        known = known.with_faces(faces, sure)
        claims = _settle([*sure, *_claims(faces, known, limits.threshold)], photo_of_face, alike, refuted)
    return {
        (photo_of_face[claim.face], users[claim.user]): score_at(claim.distance, limits.threshold)
        for claim in claims
    }


def score_at(distance: float, threshold: float) -> float:
    """Returns the score of two faces at this distance."""
    return 1 - distance / (2 * threshold)


class _Claim(NamedTuple):
    """A face that resembles a user."""

    distance: float
    face: int
    user: int


@dataclass(frozen=True)
class _References:
    """Faces (k, d) in the order of their users (k,), and how far each is from what the user has given, or 0."""

    faces: Floats
    users: NDArray[np.int64]
    apart: Floats

    @classmethod
    def of(cls, given: Sequence[Floats]) -> "_References":
        users = np.repeat(np.arange(len(given)), [len(rows) for rows in given])
        return cls(np.concatenate(given).astype(np.float32), users, np.zeros(len(users), np.float32))

    def with_faces(self, faces: Floats, claims: Sequence[_Claim]) -> "_References":
        """Returns these references and the claimed faces."""
        users = np.r_[self.users, [claim.user for claim in claims]]
        order = np.argsort(users, kind="stable")
        found = np.concatenate([self.faces, faces[[claim.face for claim in claims]]])
        apart = np.r_[self.apart, np.array([claim.distance for claim in claims], np.float32)]
        return _References(found[order], users[order], apart[order])

    def distances(self, faces: Floats) -> Floats:
        """Returns the distance of each face to each user (n, users), as the longest link of the best chain."""
        squares = (faces**2).sum(axis=1)[:, None] + (self.faces**2).sum(axis=1) - 2 * faces @ self.faces.T
        links = np.maximum(np.sqrt(np.maximum(squares, 0)), self.apart)
        nearest: Floats = np.minimum.reduceat(links, np.flatnonzero(np.diff(self.users, prepend=-1)), axis=1)
        return nearest


def _claims(faces: Floats, references: _References, threshold: float) -> list[_Claim]:
    """Returns all pairs of a face and a user below the threshold, nearest first."""
    claims: list[_Claim] = []
    step = max(1, PRODUCTS // len(references.users))
    for start in range(0, len(faces), step):
        distances = references.distances(faces[start : start + step])
        rows, users = np.nonzero(distances < threshold)
        found = distances[rows, users].tolist(), (rows + start).tolist(), users.tolist()
        claims += [_Claim(*claim) for claim in zip(*found, strict=True)]
    return sorted(claims)


def _settle(
    claims: Sequence[_Claim],
    photo_of_face: Sequence[PhotoKey],
    alike: set[tuple[int, int]],
    refuted: set[tuple[PhotoKey, int]],
) -> list[_Claim]:
    """Returns the claims that hold; earlier ones come first."""
    holder: dict[int, int] = {}
    on_photo: set[tuple[PhotoKey, int]] = set()
    settled = []
    for claim in claims:
        pair = photo_of_face[claim.face], claim.user
        first = holder.get(claim.face, claim.user)
        if pair not in on_photo and (first == claim.user or (first, claim.user) in alike):
            if pair not in refuted:
                holder.setdefault(claim.face, claim.user)
            on_photo.add(pair)
            settled.append(claim)
    return settled
