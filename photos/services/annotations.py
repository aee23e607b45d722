"""What clients add to photos: likes, names on a device, faces that the client has found."""

from accounts.models import User
from photos.models import Like, Photo, PhotoLocalId


def set_like(*, photo: Photo, user: User, kind: str) -> None:
    """Sets the user's like or dislike; any other kind withdraws it."""
    known = kind if kind in (Like.Kind.LIKE, Like.Kind.DISLIKE) else Like.Kind.NONE
    Like.objects.update_or_create(photo=photo, user=user, defaults={"kind": known})


def set_photo_local_id(*, photo: Photo, user: User, value: str) -> None:
    """Sets the photo's name on the user's device; an empty value deletes it."""
    if value:
        PhotoLocalId.objects.update_or_create(photo=photo, user=user, defaults={"value": value})
    else:
        PhotoLocalId.objects.filter(photo=photo, user=user).delete()


def set_faces_data(*, photo: Photo, rectangles: list[dict[str, float]] | None, detected_data: object) -> None:
    """Sets the faces that a client has found; they take precedence over the engine's. None changes nothing."""
    if rectangles is not None:
        photo.rectangles = rectangles
    if detected_data is not None:
        photo.detected_data = detected_data
    photo.save(update_fields=["rectangles", "detected_data", "updated_at"])
