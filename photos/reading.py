"""Reads an original's bytes from the storage, or from the file on disk that it is imported from."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.core.files.base import ContentFile

from photos import storage
from photos.images import sniff_content_type
from photos.importing import read_source
from photos.models import Original
from photos.services import store_file

CHANGED = "The file was changed after it had been registered."


class OriginalRefused(Exception):
    """The original cannot be processed; the argument is a reason that clients may read."""


@dataclass(frozen=True)
class StoredBytes:
    content: bytes
    etag: str

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def read_original(original: Original) -> StoredBytes:
    """Returns the whole file.

    Raises `OriginalRefused`, `photos.importing.SourceRefused` and `photos.storage.StorageUnavailable`.
    """
    stored = storage.stat(original.key)
    if stored is None:
        return _copy_from_disk(original)
    is_changed = bool(original.etag) and stored.etag != original.etag
    if is_changed and original.sha256 is None:
        raise OriginalRefused(CHANGED)
    if stored.size > settings.MAX_PHOTO_BYTES:
        raise OriginalRefused(f"The file is larger than {settings.MAX_PHOTO_BYTES} bytes.")
    try:
        data = StoredBytes(storage.read(original.key), stored.etag)
    except FileNotFoundError as error:
        raise OriginalRefused("The file is not in the storage.") from error
    if is_changed and data.sha256 != original.sha256:  # a restored file has another tag, and the same content
        raise OriginalRefused(CHANGED)
    return data


def _copy_from_disk(original: Original) -> StoredBytes:
    """Copies the imported file into the storage, unless the owner has an original with the same bytes."""
    content = read_source(original=original)
    if content is None:
        raise OriginalRefused("The file is not in the storage.")
    data = StoredBytes(content, "")
    same = Original.objects.filter(owner=original.owner_id, sha256=data.sha256)
    if same.exclude(pk=original.pk).exists():
        return data
    store_file(key=original.key, file=ContentFile(content), content_type=sniff_content_type(content))
    stored = storage.stat(original.key)
    return StoredBytes(content, stored.etag if stored else "")
