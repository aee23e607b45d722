"""Decides who is on which photo, by comparing faces with the reference faces of known users."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from faces.engine.base import Limits
from faces.engine.claimants import Pair, drop_foreign_references, users_of_one_human
from faces.engine.claims import Claim, Floats, References, find_claims

PhotoKey = TypeVar("PhotoKey", bound=Hashable)
UserKey = TypeVar("UserKey", bound=Hashable)


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
    one face of a photo, and a face is at most one user. Where two users may have given pictures of one human
    (`claimants.users_of_one_human`), likeness cannot tell whose it is and takes a photo from neither: a face may
    be both, and only the nearer claim is sure. A photo of both tells who gave the other's, which is left out.

    If the engine's limits say so, the faces that are surely a user's become references once; what they lead to
    counts as no nearer than they are. `denied` are pairs of a photo and a user who says it does not show them:
    they get their scores, but the face may be another user's as well, and becomes no reference.
    """
    users = [user for user in references if len(references[user])]
    if not len(faces) or not users:
        return {}
    number_of = {user: number for number, user in enumerate(users)}
    refuted = {(photo, number_of[user]) for photo, user in denied if user in number_of}

    def holds(claim: Claim) -> bool:
        return (photo_of_face[claim.face], claim.user) not in refuted

    known, alike = _honest_references([references[user] for user in users], faces, photo_of_face, limits)
    claims = find_claims(faces, known, limits.threshold)
    settled = _settle(claims, photo_of_face, alike, refuted)
    sure = [claim for claim in settled if claim.distance < limits.sure and holds(claim)]
    if limits.expands and sure:
        known = known.with_faces(faces, sure)
        claims = [*sure, *find_claims(faces, known, limits.threshold)]
        settled = _settle(claims, photo_of_face, alike, refuted)
    return {
        (photo_of_face[claim.face], users[claim.user]): score_at(distance, limits.threshold)
        for claim, distance in _with_distances(settled, filter(holds, settled), limits)
    }


def _with_distances(
    settled: Sequence[Claim], held: Iterable[Claim], limits: Limits
) -> Iterator[tuple[Claim, float]]:
    """Yields each claim with the distance that counts: only the nearest of those held on a face is sure."""
    nearest: dict[int, float] = {}
    for claim in held:
        nearest[claim.face] = min(claim.distance, nearest.get(claim.face, claim.distance))
    for claim in settled:
        is_nearest = claim.distance <= nearest.get(claim.face, claim.distance)
        yield claim, claim.distance if is_nearest else max(claim.distance, limits.sure)


def _honest_references(
    references: Sequence[Floats], faces: Floats, photo_of_face: Sequence[Hashable], limits: Limits
) -> tuple[References, set[Pair]]:
    """Returns the users' references without pictures that are known to be another's, and who may be one human."""
    known = References.of(references)
    alike = users_of_one_human(faces, known, limits)
    honest = drop_foreign_references(faces, photo_of_face, known, alike, limits)
    if len(honest.users) < len(known.users):
        return honest, users_of_one_human(faces, honest, limits)
    return known, alike


def score_at(distance: float, threshold: float) -> float:
    """Returns the score of two faces at this distance."""
    return 1 - distance / (2 * threshold)


def _settle(
    claims: Sequence[Claim],
    photo_of_face: Sequence[PhotoKey],
    alike: Collection[Pair],
    refuted: set[tuple[PhotoKey, int]],
) -> list[Claim]:
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
