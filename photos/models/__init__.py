"""Originals (stored files and their analysis), and the photos that put them into albums and libraries."""

from photos.models.arrivals import (
    FileToRemove,
    FolderImport,
    FolderImportQuerySet,
    ImportedFile,
    ResumableUpload,
    ResumableUploadQuerySet,
    UploadedChunk,
    UploadSlot,
    UploadSlotQuerySet,
)
from photos.models.originals import ORIGINAL, UNFINISHED, ObjectLabel, Original, OriginalQuerySet, Rendition
from photos.models.photos import MAX_SORT_ORDER, Like, Photo, PhotoLocalId, PhotoQuerySet, RemovedPicture
from photos.models.zips import Zip, ZipEntry, ZipQuerySet

__all__ = [
    "MAX_SORT_ORDER",
    "ORIGINAL",
    "UNFINISHED",
    "FileToRemove",
    "FolderImport",
    "FolderImportQuerySet",
    "ImportedFile",
    "Like",
    "ObjectLabel",
    "Original",
    "OriginalQuerySet",
    "Photo",
    "PhotoLocalId",
    "PhotoQuerySet",
    "RemovedPicture",
    "Rendition",
    "ResumableUpload",
    "ResumableUploadQuerySet",
    "UploadSlot",
    "UploadSlotQuerySet",
    "UploadedChunk",
    "Zip",
    "ZipEntry",
    "ZipQuerySet",
]
