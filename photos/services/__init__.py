"""Writes of the photos: taking them in, noting what was found out, letting files go."""

from photos.services.copying import (
    AlreadyThere,
    NotProcessedYet,
    copy_photos,
    may_change,
    move_photo,
    set_sort_order,
)
from photos.services.erasing import ErasedPhotos, erase_photos, erase_photos_of
from photos.services.files import drop_files, keep_file, remove_files, store_file
from photos.services.intake import (
    PhotoFacts,
    content_type_of,
    register_photo,
    sha256_of,
    sort_order_of,
    store_photo,
)
from photos.services.library import add_images, erase_album, erase_images, make_small_renditions, take_out
from photos.services.opinions import set_faces_data, set_like, set_photo_local_id
from photos.services.processing import (
    Analysis,
    claim_original,
    fail_lost_originals,
    fail_original,
    finish_original,
    note_content,
    release_original,
)
from photos.services.slots import FileRefused, SlotTaken, add_slots, collect_uploads, fill_slot, note_uploading
from photos.services.trash import (
    Purged,
    count_purgeable,
    purge_albums,
    purge_deleted,
    purge_photos,
    trash_photo,
    trashed_long_ago,
)
from photos.services.zips import Wanted, make_zip, request_zip, sweep_zips

__all__ = [
    "AlreadyThere",
    "Analysis",
    "ErasedPhotos",
    "FileRefused",
    "NotProcessedYet",
    "PhotoFacts",
    "Purged",
    "SlotTaken",
    "Wanted",
    "add_images",
    "add_slots",
    "claim_original",
    "collect_uploads",
    "content_type_of",
    "copy_photos",
    "count_purgeable",
    "drop_files",
    "erase_album",
    "erase_images",
    "erase_photos",
    "erase_photos_of",
    "fail_lost_originals",
    "fail_original",
    "fill_slot",
    "finish_original",
    "keep_file",
    "make_small_renditions",
    "make_zip",
    "may_change",
    "move_photo",
    "note_content",
    "note_uploading",
    "purge_albums",
    "purge_deleted",
    "purge_photos",
    "register_photo",
    "release_original",
    "remove_files",
    "request_zip",
    "set_faces_data",
    "set_like",
    "set_photo_local_id",
    "set_sort_order",
    "sha256_of",
    "sort_order_of",
    "store_file",
    "store_photo",
    "sweep_zips",
    "take_out",
    "trash_photo",
    "trashed_long_ago",
]
