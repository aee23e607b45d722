"""Imports pictures from folders on the server's disk into libraries. Files are copied, never changed."""

from photos.importing.files import import_paths
from photos.importing.folders import (
    FolderProgress,
    cancel_import,
    count_importable_in,
    import_folder,
    resume_imports,
    start_folder_import,
)
from photos.importing.paths import ImportForbidden, InvalidPath, NotAPicture, ResolvedPath, resolve_path
from photos.importing.sources import SourceRefused, read_source

__all__ = [
    "FolderProgress",
    "ImportForbidden",
    "InvalidPath",
    "NotAPicture",
    "ResolvedPath",
    "SourceRefused",
    "cancel_import",
    "count_importable_in",
    "import_folder",
    "import_paths",
    "read_source",
    "resolve_path",
    "resume_imports",
    "start_folder_import",
]
