"""Pictures from folders on the server's disk: found, noted, and copied by the worker; never changed."""

from photos.importing.folders import (
    FolderProgress,
    add_folder,
    count_below,
    forget_import,
    import_below,
    resume_imports,
)
from photos.importing.places import InvalidPath, NotAPicture, Place, locate
from photos.importing.sources import SourceRefused, read_source
from photos.importing.taking import import_paths

__all__ = [
    "FolderProgress",
    "InvalidPath",
    "NotAPicture",
    "Place",
    "SourceRefused",
    "add_folder",
    "count_below",
    "forget_import",
    "import_below",
    "import_paths",
    "locate",
    "read_source",
    "resume_imports",
]
