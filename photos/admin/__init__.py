"""Admin pages of originals, photos, likes, imports, uploads and archives."""

from photos.admin.arrivals import (
    FileToRemoveAdmin,
    FolderImportAdmin,
    ImportedFileAdmin,
    UploadSlotAdmin,
    ZipAdmin,
    ZipEntryAdmin,
)
from photos.admin.originals import OriginalAdmin
from photos.admin.photos import LikeAdmin, PhotoAdmin, PhotoLocalIdAdmin

__all__ = [
    "FileToRemoveAdmin",
    "FolderImportAdmin",
    "ImportedFileAdmin",
    "LikeAdmin",
    "OriginalAdmin",
    "PhotoAdmin",
    "PhotoLocalIdAdmin",
    "UploadSlotAdmin",
    "ZipAdmin",
    "ZipEntryAdmin",
]
