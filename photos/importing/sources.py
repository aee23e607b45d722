"""Reads a file that is to be imported, in the worker."""

import os

from django.conf import settings

from photos.importing.paths import InvalidPath, ResolvedPath, display_path, opened_file
from photos.models import ImportedFile, Original


class SourceRefused(Exception):
    """The file cannot be copied; the argument is a reason that clients may read."""


def read_source(*, original: Original) -> bytes | None:
    """Returns the content of the file that the original is imported from; None when it is not imported.

    Raises `SourceRefused`.
    """
    imported = ImportedFile.objects.filter(photo__original=original).first()
    if imported is None:
        return None
    path = ResolvedPath(bytes(imported.root), bytes(imported.location), display_path(bytes(imported.location)))
    try:
        with opened_file(path) as descriptor, os.fdopen(descriptor, "rb", closefd=False) as file:
            before = os.fstat(descriptor)
            if before.st_size > settings.MAX_PHOTO_BYTES:
                raise SourceRefused(f"The file is larger than {settings.MAX_PHOTO_BYTES} bytes.")
            content = file.read(before.st_size + 1)
            after = os.fstat(descriptor)
    except (InvalidPath, OSError) as error:
        raise SourceRefused("The file is gone, or may not be read.") from error
    if len(content) != before.st_size or after.st_mtime_ns != before.st_mtime_ns:
        raise SourceRefused("The file was changed while it was read.")
    return content
