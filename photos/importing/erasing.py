"""Erases images of a library with their thumbnails on the server's disk."""

from collections.abc import Collection
from functools import partial
from itertools import chain

from django.db import transaction

from accounts.models import User
from photos.image_paths import photos_by_path
from photos.importing.thumbnails import remove_thumbnails
from photos.services import erase_images


@transaction.atomic
def erase_images_and_thumbnails(*, user: User, paths: Collection[str]) -> None:
    """Erases the user's images with these paths, with all their copies, and then their thumbnails.

    Raises `photos.image_paths.UnknownImage` and erases nothing when one of the paths is unknown.
    """
    found = chain(*photos_by_path(user, paths).values())
    shown = {photo.path for photo in found}  # type: ignore[attr-defined]  # annotated
    erase_images(user=user, paths=paths)
    transaction.on_commit(partial(remove_thumbnails, user=user, paths=shown))
