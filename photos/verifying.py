"""Checks that a stored original is still the picture that was processed under its name."""

import hashlib
import logging
from contextlib import suppress

from photos import storage
from photos.models import Original

logger = logging.getLogger(__name__)


def is_unchanged(original: Original) -> bool:
    """Returns False when something else lies in the place of the file that was processed. No file is no other.

    Its tag is only a hint that saves reading: a restored or copied file has another. Then the content decides, and
    the new tag is saved. In a bucket, only keys that clients write to are checked, each by a request.

    Raises `photos.storage.StorageUnavailable`.
    """
    if original.sha256 is None or (storage.in_bucket() and storage.in_own_area(original.key)):
        return True
    stored = storage.stat(original.key)
    if stored is None or stored.etag == original.etag:
        return True
    digest = hashlib.sha256()
    with suppress(FileNotFoundError):  # removed meanwhile
        for chunk in storage.chunks(original.key):
            digest.update(chunk)
    if digest.hexdigest() != original.sha256:
        logger.warning("The file of original %s was replaced in the storage, and is not served.", original.pk)
        return False
    Original.objects.filter(pk=original.pk).update(etag=stored.etag)
    return True
