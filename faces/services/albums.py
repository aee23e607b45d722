"""Decides who is on the photos of an album."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import transaction
from numpy.typing import NDArray

from accounts.services import queue_push
from albums.models import Album, Filtering, PendingAlbum
from albums.selectors import is_wanted_here, members_of
from albums.services import claim_pending_album, finish_pending_album, mark_task_queued
from core.batching import batched
from core.enqueueing import send_task
from core.leases import heartbeat
from faces.engine import get_engine
from faces.engine.matching import match_faces, score_at
from faces.models import Face, Selfie, Sighting, embedding_array, recognisable
from faces.selectors import processable_albums
from faces.services.selfies import look_again_at_selfies
from photos.models import Photo

Matches = dict[tuple[UUID, UUID], float]


def send_album(*, album_id: UUID) -> None:
    """Sends the task that processes the album to the broker, at once; unless an outside algorithm processes it."""
    if settings.ALBUM_PROCESSOR != "builtin" and not is_wanted_here(album_id):
        return
    if send_task("faces.tasks.process_album", str(album_id)):
        mark_task_queued(album_id=album_id)


def recognise_album(*, album_id: UUID) -> bool:
    """Decides who is on the album's photos, if it is pending and all its photos are done or failed.

    Returns False when there was nothing to do. Members who are surely found on more photos than before get a push.
    """
    claimed = claim_pending_album(candidates=processable_albums().filter(pk=album_id))
    if claimed is None:
        return False
    _, token = claimed
    album = Album.objects.get(pk=album_id)
    if not Photo.objects.alive().filter(album=album).exists():
        return finish_pending_album(album_id=album_id, token=token)
    with heartbeat(PendingAlbum.objects.claimed_by(album_id, token)):
        look_again_at_selfies(selfies=Selfie.objects.filter(user__in=members_of(album)))
        undecided = _undecided(album)  # before: who is decided meanwhile has the album processed again
        matches = _match_members(album)
    with transaction.atomic():
        if not finish_pending_album(album_id=album_id, token=token):
            return False
        if Photo.objects.alive().filter(album=album).exists():
            _save_sightings(album, matches, undecided)
    return True


def _match_members(album: Album) -> Matches:
    """Returns the score with which each photo shows each member; members without a selfie are on none."""
    engine = get_engine()
    faces = Photo.objects.alive().filter(
        recognisable(engine.limits, "original__faces__"), album=album, original__faces__engine=engine.name
    )
    rows = list(faces.values_list("pk", "original__faces__embedding"))
    selfies = Selfie.objects.accepted().filter(user__in=members_of(album), engine=engine.name)
    selfies_of: dict[UUID, list[NDArray[np.float32]]] = defaultdict(list)
    for user_id, embedding in selfies.values_list("user_id", "embedding"):
        if embedding is not None:
            selfies_of[user_id].append(embedding_array(embedding))
    if not rows or not selfies_of:
        return {}
    photo_of_face, stored = zip(*rows, strict=True)
    embeddings = np.stack([embedding_array(embedding) for embedding in stored])
    references = {user_id: np.stack(selfies) for user_id, selfies in selfies_of.items()}
    denied = Sighting.objects.filter(photo__album=album, own_word=False).values_list("photo_id", "user_id")
    return match_faces(embeddings, photo_of_face, references, engine.limits, denied=set(denied))


def _save_sightings(album: Album, matches: Matches, undecided: Callable[[UUID, UUID], bool]) -> None:
    """Replaces the built-in sightings of the album by these matches, except undecided ones.

    An algorithm's sightings stay, and so does what users have said of themselves.
    """
    existing = {(row.photo_id, row.user_id): row for row in Sighting.objects.filter(photo__album=album)}
    builtin = {pair: row for pair, row in existing.items() if row.by == Sighting.By.BUILTIN}
    _forget([row.pk for pair, row in builtin.items() if pair not in matches and not undecided(*pair)])
    news = _sure_news(existing, matches)
    rescored = [row for pair, row in builtin.items() if matches.get(pair, row.score) != row.score]
    only_said = [row for pair, row in existing.items() if row.by == Sighting.By.NOBODY and pair in matches]
    for batch in batched([row.pk for row in only_said]):
        Sighting.objects.filter(pk__in=batch, by=Sighting.By.NOBODY).update(by=Sighting.By.BUILTIN, found=True)
    for row in (*rescored, *only_said):
        row.score = matches[row.photo_id, row.user_id]
    Sighting.objects.bulk_update([*rescored, *only_said], ["score"])
    new = [
        Sighting(photo_id=photo, user_id=user, by=Sighting.By.BUILTIN, score=score)
        for (photo, user), score in matches.items()
        if (photo, user) not in existing
    ]
    Sighting.objects.bulk_create(new, ignore_conflicts=True)
    Filtering.objects.create(album=album)
    notify_of_new_photos(album=album, user_ids=news)


def _forget(lost: list[int]) -> None:
    """Forgets what was found on these built-in sightings; those with the user's own word stay for its sake."""
    for batch in batched(lost):
        sightings = Sighting.objects.filter(pk__in=batch, by=Sighting.By.BUILTIN)
        sightings.without_word().delete()
        sightings.update(by=Sighting.By.NOBODY, found=False, score=None)


def _undecided(album: Album) -> Callable[[UUID, UUID], bool]:
    """Returns whether this engine cannot say yet if a photo shows a user, and what another has found counts.

    It has not searched the photo, or not looked at the user's selfies.
    """
    faces = Face.objects.filter(original__photos__album=album).exclude(engine=get_engine().name)
    photos = set(faces.values_list("original__photos", flat=True))
    selfies = Selfie.objects.filter(user__in=members_of(album))
    recognised = set(selfies.accepted().values_list("user", flat=True))
    waiting = set(selfies.being_looked_at_again().values_list("user", flat=True))
    return lambda photo, user: user in waiting or (photo in photos and user in recognised)


def _sure_news(existing: Mapping[tuple[UUID, UUID], Sighting], matches: Matches) -> set[UUID]:
    """Returns the members whom a photo surely shows, of whom this was not known, or not for sure."""
    limits = get_engine().limits
    sure = score_at(limits.sure, limits.threshold)
    known = {
        pair
        for pair, row in existing.items()
        if row.by != Sighting.By.BUILTIN or row.own_word is not None or (row.score or 0) > sure
    }
    return {pair[1] for pair, score in matches.items() if score > sure and pair not in known}


def notify_of_new_photos(*, album: Album, user_ids: set[UUID]) -> None:
    """Sends a push to those of the users who are members of the album; others must not learn of it."""
    queue_push(
        users=members_of(album).filter(pk__in=user_ids),
        body=f"Your best pictures are waiting in “{album.name}”",
        data={"album_id": str(album.pk), "type": "best_pictures"},
        caused_by=album.owner,  # the album's name is the owner's
    )
