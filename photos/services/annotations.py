"""What members say about photos: likes, their devices' own names, faces that a client has found."""

from typing import Any

from accounts.models import User
from photos.models import Like, Photo, PhotoLocalId


def set_like(*, photo: Photo, user: User, kind: str) -> None:
    """`like` or `dislike`; anything else takes back what the user had said."""
    known = kind if kind in (Like.Kind.LIKE, Like.Kind.DISLIKE) else Like.Kind.NONE
    Like.objects.update_or_create(photo=photo, user=user, defaults={"kind": known})


def set_photo_local_id(*, photo: Photo, user: User, value: str) -> None:
    """Keeps how the user's device names the photo; an empty value forgets it."""
    if value:
        PhotoLocalId.objects.update_or_create(photo=photo, user=user, defaults={"value": value})
    else:
        PhotoLocalId.objects.filter(photo=photo, user=user).delete()


def set_faces_data(*, photo: Photo, rectangles: list[dict[str, float]] | None, detected_data: Any) -> None:
    """What a client found on the photo goes before what the engine found; None leaves what is there."""
    if rectangles is not None:
        photo.rectangles = rectangles
    if detected_data is not None:
        photo.detected_data = detected_data
    photo.save(update_fields=["rectangles", "detected_data", "updated_at"])
