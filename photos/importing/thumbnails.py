"""Writes thumbnails into folders of pictures, where desktop clients look for them: `FOLDER/THUMBNAIL_FOLDER/NAME`.

NAME is the picture's path below the folder, with dots for slashes and backslashes; of a picture that lies
elsewhere it is made of the whole path. A thumbnail has the time of its picture, which tells whether it is current.
"""

import logging
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from uuid import uuid4

from django.conf import settings

from accounts.models import User
from core.batching import batched
from photos import storage
from photos.image_paths import LibraryImage, images_of
from photos.images import UnreadableImage, make_thumbnail, read_picture
from photos.importing.paths import (
    FoundFile,
    InvalidPath,
    NotAPicture,
    ResolvedPath,
    check_picture,
    opened_file,
    opened_folder,
    resolve_path,
)
from photos.importing.walking import walk
from photos.models import ImportedFile, Rendition
from photos.selectors import may_import

logger = logging.getLogger(__name__)

SIDE = 400  # pixels
MAX_NAME_BYTES = 255  # of a file, on all common file systems
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class FolderNotWritable(Exception):
    """Thumbnails cannot be written into this folder."""


def thumbnail_name(path: str) -> str:
    """Returns the name of the thumbnail of a picture, by its path below the folder or its whole path."""
    return path.replace("\\", ".").replace("/", ".")


def write_thumbnails(*, folder: ResolvedPath) -> Iterator[FoundFile]:
    """Writes the thumbnails that the pictures of the folder and its sub-folders lack; yields each file after it.

    What is no picture, or a broken one, is left out. Raises `InvalidPath` and `FolderNotWritable`.
    """
    for file in walk(folder):
        name = thumbnail_name(file.path.name.removeprefix(f"{folder.name.rstrip('/')}/"))
        if len(name.encode()) > MAX_NAME_BYTES:
            logger.warning("No thumbnail, because its name would be too long: %r", file.path.name)
        elif not _is_current(folder, name, file.mtime_ns) and (data := _thumbnail_of(file)):
            save_thumbnail(folder=folder, name=name, data=data, mtime_ns=file.mtime_ns)
        yield file


def write_thumbnails_of_others(*, user: User, folder: ResolvedPath) -> Iterator[LibraryImage]:
    """Writes the thumbnails of the user's images that lie elsewhere, from small renditions; yields each image.

    Raises `InvalidPath`, `FolderNotWritable` and `photos.storage.StorageUnavailable`.
    """
    below = f"{folder.name.rstrip('/')}/"
    for batch in batched(image for image in images_of(user) if not image.path.startswith(below)):
        small = Rendition.objects.filter(original__in=[image.original_id for image in batch], kind="small")
        keys = dict(small.values_list("original_id", "key"))
        for image in batch:
            name, time_ns = thumbnail_name(image.path), (image.original_id.int >> 80) * 1_000_000  # of a UUID 7
            is_short = len(name.encode()) <= MAX_NAME_BYTES
            if image.original_id in keys and is_short and not _is_current(folder, name, time_ns):
                with suppress(FileNotFoundError):  # deleted meanwhile
                    data = storage.read(keys[image.original_id])
                    save_thumbnail(folder=folder, name=name, data=data, mtime_ns=time_ns)
            yield image


def _thumbnail_of(file: FoundFile) -> bytes | None:
    """Returns a JPEG; None when the file cannot be read or decoded."""
    try:
        with opened_file(file.path) as descriptor, os.fdopen(descriptor, "rb", closefd=False) as stream:
            if file.size > settings.MAX_PHOTO_BYTES:
                return None
            check_picture(descriptor)
            stream.seek(0)
            return make_thumbnail(read_picture(stream.read(file.size), side=SIDE), SIDE)
    except (InvalidPath, NotAPicture, UnreadableImage) as error:
        logger.info("No thumbnail of %r: %s", file.path.name, error)
        return None


def _is_current(folder: ResolvedPath, name: str, mtime_ns: int) -> bool:
    with opened_folder(folder) as parent, suppress(OSError):
        thumbnails = os.open(settings.THUMBNAIL_FOLDER, _FOLDER, dir_fd=parent)
        try:
            info = os.stat(name, dir_fd=thumbnails, follow_symlinks=False)
            return stat.S_ISREG(info.st_mode) and info.st_mtime_ns == mtime_ns
        finally:
            os.close(thumbnails)
    return False


def save_thumbnail(*, folder: ResolvedPath, name: str, data: bytes, mtime_ns: int) -> None:
    """Writes one thumbnail under another name and renames it, so that nobody reads half of it.

    Raises `InvalidPath` and `FolderNotWritable`.
    """
    partial_name = f".{uuid4().hex}.part"
    with opened_folder(folder) as parent, _os_errors_as_not_writable():
        with suppress(FileExistsError):
            os.mkdir(settings.THUMBNAIL_FOLDER, dir_fd=parent)
            # Unlike the server's own files: who may see the pictures may see their thumbnails.
            os.chmod(settings.THUMBNAIL_FOLDER, 0o755, dir_fd=parent)  # noqa: S103
        thumbnails = os.open(settings.THUMBNAIL_FOLDER, _FOLDER, dir_fd=parent)
        try:
            descriptor = os.open(partial_name, _NEW_FILE, 0o644, dir_fd=thumbnails)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fchmod(descriptor, 0o644)
                    os.utime(descriptor, ns=(mtime_ns, mtime_ns))
                os.replace(partial_name, name, src_dir_fd=thumbnails, dst_dir_fd=thumbnails)
            except BaseException:
                with suppress(OSError):
                    os.unlink(partial_name, dir_fd=thumbnails)
                raise
        finally:
            os.close(thumbnails)


@contextmanager
def _os_errors_as_not_writable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FolderNotWritable(str(error)) from error


def remove_thumbnails(*, user: User, paths: Iterable[str]) -> None:
    """Removes the thumbnails of the user's images with these paths, in every folder that may have one.

    Where somebody else has imported the same file, they keep its thumbnail. What cannot be removed is logged: a
    thumbnail is only a copy.
    """
    if not may_import(user):
        return
    gone = dict.fromkeys(paths)
    for batch in batched(list(gone)):
        others = ImportedFile.objects.filter(photo__s3_path__in=batch, photo__deleted_at=None).exclude(owner=user)
        for path in others.values_list("photo__s3_path", flat=True):
            gone.pop(path, None)
    for path in gone:
        for folder in PurePosixPath(path).parents:
            _remove(str(folder), thumbnail_name(path.removeprefix(f"{str(folder).rstrip('/')}/")))
        for root in settings.IMPORT_ROOTS[:1]:
            _remove(str(root), thumbnail_name(path))


def _remove(folder: str, name: str) -> None:
    try:
        with opened_folder(resolve_path(folder)) as parent, suppress(FileNotFoundError):
            thumbnails = os.open(settings.THUMBNAIL_FOLDER, _FOLDER, dir_fd=parent)
            try:
                os.unlink(name, dir_fd=thumbnails)
            finally:
                os.close(thumbnails)
    except InvalidPath as error:
        # Not merely outside of the roots, or gone with its thumbnails.
        if error.__cause__ is not None and not isinstance(error.__cause__, FileNotFoundError):
            logger.warning("A thumbnail in %r was not removed: %s", folder, error.__cause__)
