"""All files below a folder, one after the other: nothing is held but the folders still to be visited."""

import logging
import os
import stat
from collections.abc import Iterator

from photos.importing.paths import FoundFile, InvalidPath, ResolvedPath, display_path, opened_folder, resolve_below
from photos.storage import MAX_PATH_BYTES

logger = logging.getLogger(__name__)


def walk(folder: ResolvedPath) -> Iterator[FoundFile]:
    """The regular files of the folder and its sub-folders, in no certain order.

    Links to files below the same root are followed, links to folders are not: they could lead in circles. What
    cannot be read is left out, with a line in the log. Raises `InvalidPath` for the folder itself.
    """
    waiting = [folder]
    with opened_folder(folder):
        pass
    while waiting:
        current = waiting.pop()
        try:
            with opened_folder(current) as descriptor, os.scandir(descriptor) as entries:
                for entry in entries:
                    yield from _visit(current, entry, waiting)
        except (InvalidPath, OSError):
            logger.warning("Not imported, for it cannot be read: %r", display_path(current.location))


def _visit(folder: ResolvedPath, entry: "os.DirEntry[str]", waiting: list[ResolvedPath]) -> Iterator[FoundFile]:
    place = folder.child(os.fsencode(entry.name))
    if max(len(place.location), len(place.name.encode())) > MAX_PATH_BYTES:
        logger.warning("Not imported, for its path is too long: %r", place.name)
    elif entry.is_dir(follow_symlinks=False):
        waiting.append(place)
    elif entry.is_symlink():
        yield from _follow(place)
    elif entry.is_file(follow_symlinks=False):
        info = entry.stat(follow_symlinks=False)
        yield FoundFile(place, info.st_size, info.st_mtime_ns)


def _follow(link: ResolvedPath) -> Iterator[FoundFile]:
    try:
        target = resolve_below([link.root], link.location)
        info = os.lstat(target.location)
    except (InvalidPath, OSError):
        logger.warning("Not imported, for it is a link to nowhere: %r", link.name)
        return
    if stat.S_ISREG(info.st_mode):
        yield FoundFile(ResolvedPath(target.root, target.location, link.name), info.st_size, info.st_mtime_ns)
