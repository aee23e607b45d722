"""Walks through all files below a folder. Only the folders that are still to be visited are held in memory."""

import logging
import os
import re
import stat
from collections.abc import Iterator

from django.conf import settings

from photos.importing.paths import (
    FoundFile,
    InvalidPath,
    ResolvedPath,
    display_path,
    is_own_data,
    opened_folder,
    resolve_below,
)
from photos.storage import MAX_PATH_BYTES

logger = logging.getLogger(__name__)

# What systems, network disks and trash cans leave in folders, in any spelling; what is hidden is left out anyway.
LEFTOVERS = re.compile(
    rf"{re.escape(settings.THUMBNAIL_FOLDER)}|@eaDir|#recycle|\$RECYCLE\.BIN|System Volume Information|__MACOSX"
    r"|lost\+found|Thumbs\.db|\.DS_Store|\.thumbnails|\.Trash.*",
    re.IGNORECASE,
)


def walk(folder: ResolvedPath) -> Iterator[FoundFile]:
    """Yields the regular files of the folder and its sub-folders, in no particular order.

    Hidden files and folders, `LEFTOVERS` (also where `folder` lies in one) and our own data folder are left out.
    Links to files below the same root are followed; links to folders are not, because they could form a circle.
    What cannot be read is skipped and logged. Raises `InvalidPath` for the folder itself.
    """
    below_root = os.fsdecode(folder.location[len(folder.root) :])
    waiting = [] if any(map(LEFTOVERS.fullmatch, below_root.split("/"))) else [folder]
    with opened_folder(folder):
        pass
    while waiting:
        current = waiting.pop()
        try:
            with opened_folder(current) as descriptor, os.scandir(descriptor) as entries:
                for entry in entries:
                    yield from _visit(current, entry, waiting)
        except (InvalidPath, OSError):
            logger.warning("Not imported, because it cannot be read: %r", display_path(current.location))


def _visit(folder: ResolvedPath, entry: "os.DirEntry[str]", waiting: list[ResolvedPath]) -> Iterator[FoundFile]:
    """Yields the entry if it is a file or a link to one; adds a sub-folder to `waiting`."""
    path = folder.child(os.fsencode(entry.name))
    if _is_left_out(path, entry):
        return
    if max(len(path.location), len(path.name.encode())) > MAX_PATH_BYTES:
        logger.warning("Not imported, because its path is too long: %r", path.name)
    elif entry.is_dir(follow_symlinks=False):
        waiting.append(path)
    elif entry.is_symlink():
        try:
            target = resolve_below([path.root], path.location)
            info = os.lstat(target.location)
        except (InvalidPath, OSError):
            logger.warning(
                "Not imported, because it is a link that leads to no file below the root: %r", path.name
            )
            return
        if stat.S_ISREG(info.st_mode):
            yield FoundFile(ResolvedPath(target.root, target.location, path.name), info.st_size, info.st_mtime_ns)
    elif entry.is_file(follow_symlinks=False):
        info = entry.stat(follow_symlinks=False)
        yield FoundFile(path, info.st_size, info.st_mtime_ns)


def _is_left_out(path: ResolvedPath, entry: "os.DirEntry[str]") -> bool:
    if entry.name.startswith(".") or LEFTOVERS.fullmatch(entry.name):
        return True
    return entry.is_dir(follow_symlinks=False) and is_own_data(path.location, path.root)
