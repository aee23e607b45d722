"""Resolves and opens paths on the server's disk; only files below the import roots may be read.

A path is resolved first, and then opened part by part without following links. So opening fails if somebody
replaces a part of the path by a link in between. Paths are bytes here, because file names need not be UTF-8.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied

from accounts.models import User
from photos.images import UNKNOWN, sniff_content_type
from photos.selectors import may_import
from photos.services.intake import HEAD_BYTES
from photos.storage import MAX_PATH_BYTES

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Does not block on a pipe that has replaced the file.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class InvalidPath(Exception):
    """The path may not be read, or does not exist; clients do not learn which."""


class ImportForbidden(PermissionDenied):
    """The user may not have files on the server's disk read; whether a path exists is not told."""


class NotAPicture(Exception):
    """The file is no picture of a supported type."""


@dataclass(frozen=True)
class ResolvedPath:
    """A path without links, at or below a root; `name` is the path as the client gave it."""

    root: bytes
    location: bytes
    name: str

    def child(self, name: bytes) -> "ResolvedPath":
        return ResolvedPath(
            self.root,
            b"/".join((self.location.rstrip(b"/"), name)),
            f"{self.name.rstrip('/')}/{display_path(name)}",
        )


@dataclass(frozen=True)
class FoundFile:
    """A regular file, its size in bytes and the time of its last change."""

    path: ResolvedPath
    size: int
    mtime_ns: int


def display_path(path: bytes) -> str:
    """Returns the path as text; a byte that is not UTF-8 becomes `\\xff`."""
    return path.decode("utf-8", "backslashreplace")


def check_may_import(user: User) -> None:
    """Raises `ImportForbidden` unless the user may have files on the server's disk read."""
    if not may_import(user):
        raise ImportForbidden("You may not have files on the server's disk read.")


def resolve_path(path: str) -> ResolvedPath:
    """Resolves an absolute path. Raises `InvalidPath` when it does not lead below an import root."""
    try:
        return resolve_below([os.fsencode(root) for root in settings.IMPORT_ROOTS], os.fsencode(path))
    except ValueError as error:  # a NUL character, or a lone surrogate
        raise InvalidPath from error


def resolve_below(roots: list[bytes], path: bytes) -> ResolvedPath:
    """Resolves a path below one of the roots; the result keeps the given name if that has no `..` and the like.

    Refuses our own data folder, which holds other users' pictures, unless the root itself lies in there.
    Raises `InvalidPath`.
    """
    location = os.path.realpath(path)
    real_roots = [os.path.realpath(root) for root in roots]
    root = next((root for root in real_roots if _contains(root, location)), None)
    if root is None or not path.startswith(b"/") or is_own_data(location, root):
        raise InvalidPath
    plain = path.rstrip(b"/") or b"/"
    name = display_path(plain if os.path.normpath(plain) == plain else location)
    if max(len(location), len(name.encode())) > MAX_PATH_BYTES:
        raise InvalidPath
    return ResolvedPath(root, location, name)


def is_own_data(location: bytes, root: bytes) -> bool:
    """Whether this is our data folder or lies in it, and the root does not."""
    own = os.path.realpath(os.fsencode(settings.DATA_DIR))
    return _contains(own, location) and not _contains(own, root)


def _contains(folder: bytes, path: bytes) -> bool:
    return path == folder or path.startswith(folder.rstrip(b"/") + b"/")


@contextmanager
def opened_folder(path: ResolvedPath) -> Iterator[int]:
    """Opens the folder and yields its descriptor. Raises `InvalidPath`."""
    with _os_errors_as_invalid_path():
        descriptor = os.open(path.root, _FOLDER)
        try:
            for part in filter(None, path.location[len(path.root) :].split(b"/")):
                deeper = os.open(part, _FOLDER, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = deeper
            yield descriptor
        finally:
            os.close(descriptor)


@contextmanager
def opened_file(path: ResolvedPath) -> Iterator[int]:
    """Opens a regular file and yields its descriptor. Raises `InvalidPath`, also for pipes and folders."""
    above, _, name = path.location.rpartition(b"/")
    if path.location == path.root:  # a root is a folder, or nothing
        raise InvalidPath
    folder = ResolvedPath(path.root, above or b"/", "")
    with opened_folder(folder) as parent, _os_errors_as_invalid_path():
        if not stat.S_ISREG(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
            raise InvalidPath
        descriptor = os.open(name, _FILE, dir_fd=parent)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise InvalidPath
            yield descriptor
        finally:
            os.close(descriptor)


@contextmanager
def _os_errors_as_invalid_path() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidPath from error


def inspect_file(path: ResolvedPath) -> FoundFile:
    """Returns the file's size and time. Raises `InvalidPath`, and `NotAPicture` by the file's first bytes."""
    with opened_file(path) as descriptor, _os_errors_as_invalid_path():
        check_picture(descriptor)
        info = os.fstat(descriptor)
        return FoundFile(path, info.st_size, info.st_mtime_ns)


def check_picture(descriptor: int) -> None:
    """Reads the first bytes of an open file. Raises `NotAPicture`."""
    if sniff_content_type(os.read(descriptor, HEAD_BYTES)) == UNKNOWN:
        raise NotAPicture


def is_picture(file: FoundFile) -> bool:
    """Whether the file can still be read and is a picture of a supported type."""
    try:
        inspect_file(file.path)
    except (InvalidPath, NotAPicture):
        return False
    return True
