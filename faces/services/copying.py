"""Sightings when a photo is copied, or moved to another album: they follow it, for members of that album only."""

from collections.abc import Mapping
from uuid import UUID

from albums.models import Album
from albums.selectors import members_of
from core.batching import batched
from faces.models import Sighting
from photos.models import Photo


def copy_sightings(*, copies: Mapping[UUID, UUID], album: Album) -> None:
    """Copies the sightings of members of the album; `copies` is {photo id: id of its copy in the album}."""
    members = members_of(album)
    for batch in batched(copies):
        sightings = Sighting.objects.filter(photo__in=batch, user__in=members)
        Sighting.objects.bulk_create(
            [
                Sighting(
                    photo_id=copies[row.photo_id],
                    user_id=row.user_id,
                    by=row.by,
                    found=row.found,
                    own_word=row.own_word,
                    score=row.score,
                )
                for row in sightings
            ]
        )


def delete_sightings_of_others(*, photo: Photo) -> None:
    """Deletes the photo's sightings of users who are no members of its album: they are not to be named there."""
    if photo.album:
        Sighting.objects.filter(photo=photo).exclude(user__in=members_of(photo.album)).delete()
