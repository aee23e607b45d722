"""Writes of the photos: taking them in, noting what was found out, letting files go."""

from photos.services.erasing import erase_photos_of
from photos.services.files import drop_files, keep_file, remove_files, store_file
from photos.services.intake import PhotoFacts, content_type_of, register_photo, sha256_of, store_photo
from photos.services.opinions import set_faces_data, set_like, set_photo_local_id, trash_photo
from photos.services.processing import (
    Analysis,
    claim_original,
    fail_lost_originals,
    fail_original,
    finish_original,
    note_content,
    release_original,
)

__all__ = [
    "Analysis",
    "PhotoFacts",
    "claim_original",
    "content_type_of",
    "drop_files",
    "erase_photos_of",
    "fail_lost_originals",
    "fail_original",
    "finish_original",
    "keep_file",
    "note_content",
    "register_photo",
    "release_original",
    "remove_files",
    "set_faces_data",
    "set_like",
    "set_photo_local_id",
    "sha256_of",
    "store_file",
    "store_photo",
    "trash_photo",
]
