"""What is known about a photo is known about its copy, and stays known where it moves, as far as members go."""

from collections.abc import Mapping
from uuid import UUID

from albums.models import Album
from albums.selectors import members_of
from core.batching import batched
from faces.models import Sighting
from photos.models import Photo


def copy_sightings(*, copies: Mapping[UUID, UUID], album: Album) -> None:
    """Notes on each copy (by its photo's id) whom the photo shows; of those only who are members of the album."""
    members = members_of(album)
    for batch in batched(copies):
        known = Sighting.objects.filter(photo__in=batch, user__in=members)
        Sighting.objects.bulk_create(
            [
                Sighting(
                    photo_id=copies[row.photo_id], user_id=row.user_id, by=row.by, shows=row.shows, score=row.score
                )
                for row in known
            ]
        )


def forget_sightings_of_others(*, photo: Photo) -> None:
    """The photo has come to another album: who is no member there is not to be named there."""
    if photo.album:
        Sighting.objects.filter(photo=photo).exclude(user__in=members_of(photo.album)).delete()
