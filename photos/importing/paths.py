"""Which files on the server's disk may be read: those below the import roots, wherever links lead.

A path is resolved first, and then opened part by part without following any link: a link that somebody puts in
place between the two makes it fail. Paths are bytes in here, for a file's name need not be UTF-8.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from photos.images import UNKNOWN, sniff_content_type
from photos.services.intake import HEAD_BYTES
from photos.storage import MAX_PATH_BYTES

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without waiting for the other end of a pipe, should one have taken the file's place.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class InvalidPath(Exception):
    """The path may not be read, or there is nothing to read; the difference is not told."""


class NotAPicture(Exception):
    """The file's content is of no type that is taken."""


@dataclass(frozen=True)
class ResolvedPath:
    """A resolved path at or below a root, and how the client called it."""

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
    """A regular file at a place: its size in bytes and when it was last changed."""

    place: ResolvedPath
    size: int
    mtime_ns: int


def display_path(path: bytes) -> str:
    """The path as text; bytes that are no UTF-8 as `\\xff`."""
    return path.decode("utf-8", "backslashreplace")


def resolve_path(path: str) -> ResolvedPath:
    """Where an absolute path leads to. Raises `InvalidPath` when that is not below an import root."""
    try:
        return resolve_below([os.fsencode(root) for root in settings.IMPORT_ROOTS], os.fsencode(path))
    except ValueError as error:  # what no path can hold
        raise InvalidPath from error


def resolve_below(roots: list[bytes], path: bytes) -> ResolvedPath:
    """Where the path leads to; it keeps its own name if that is plain, without `..` and the like.

    Our own data, other people's pictures among it, are below no root that is not itself in there.
    Raises `InvalidPath`.
    """
    location = os.path.realpath(path)
    own = os.path.realpath(os.fsencode(settings.DATA_DIR))
    real_roots = [os.path.realpath(root) for root in roots]
    root = next((root for root in real_roots if _contains(root, location)), None)
    if root is None or not path.startswith(b"/") or (_contains(own, location) and not _contains(own, root)):
        raise InvalidPath
    plain = path.rstrip(b"/") or b"/"
    name = display_path(plain if os.path.normpath(plain) == plain else location)
    if max(len(location), len(name.encode())) > MAX_PATH_BYTES:
        raise InvalidPath
    return ResolvedPath(root, location, name)


def _contains(folder: bytes, path: bytes) -> bool:
    return path == folder or path.startswith(folder.rstrip(b"/") + b"/")


@contextmanager
def opened_folder(place: ResolvedPath) -> Iterator[int]:
    """The descriptor of the folder. Raises `InvalidPath`."""
    with _refusing():
        descriptor = os.open(place.root, _FOLDER)
        try:
            for part in _parts(place):
                deeper = os.open(part, _FOLDER, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = deeper
            yield descriptor
        finally:
            os.close(descriptor)


@contextmanager
def opened_file(place: ResolvedPath) -> Iterator[int]:
    """The descriptor of the regular file. Raises `InvalidPath`, for devices, pipes and folders too."""
    above, _, name = place.location.rpartition(b"/")
    if place.location == place.root:  # a root is a folder, or nothing
        raise InvalidPath
    folder = ResolvedPath(place.root, above or b"/", "")
    with opened_folder(folder) as parent, _refusing():
        if not stat.S_ISREG(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
            raise InvalidPath
        descriptor = os.open(name, _FILE, dir_fd=parent)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise InvalidPath
            yield descriptor
        finally:
            os.close(descriptor)


def _parts(place: ResolvedPath) -> list[bytes]:
    return [part for part in place.location[len(place.root) :].split(b"/") if part]


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidPath from error


def inspect_file(place: ResolvedPath) -> FoundFile:
    """The file at the place. Raises `InvalidPath`, and `NotAPicture` by the first bytes of its content."""
    with opened_file(place) as descriptor, _refusing():
        if sniff_content_type(os.read(descriptor, HEAD_BYTES)) == UNKNOWN:
            raise NotAPicture
        info = os.fstat(descriptor)
        return FoundFile(place, info.st_size, info.st_mtime_ns)


def is_picture(file: FoundFile) -> bool:
    """Whether the file can still be read and is of a type that is taken."""
    try:
        inspect_file(file.place)
    except (InvalidPath, NotAPicture):
        return False
    return True
