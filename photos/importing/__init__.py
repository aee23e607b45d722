"""Imports pictures from folders on the server's disk into libraries. Files are copied, never changed."""

from photos.importing.erasing import erase_images_and_thumbnails
from photos.importing.files import import_paths
from photos.importing.folders import (
    FolderProgress,
    cancel_import,
    count_importable_in,
    import_folder,
    make_thumbnails,
    resume_imports,
    start_folder_import,
)
from photos.importing.paths import ImportForbidden, InvalidPath, NotAPicture, ResolvedPath, resolve_path
from photos.importing.sources import SourceRefused, read_source
from photos.importing.thumbnails import FolderNotWritable, remove_thumbnails

__all__ = [
    "FolderNotWritable",
    "FolderProgress",
    "ImportForbidden",
    "InvalidPath",
    "NotAPicture",
    "ResolvedPath",
    "SourceRefused",
    "cancel_import",
    "count_importable_in",
    "erase_images_and_thumbnails",
    "import_folder",
    "import_paths",
    "make_thumbnails",
    "read_source",
    "remove_thumbnails",
    "resolve_path",
    "resume_imports",
    "start_folder_import",
]
