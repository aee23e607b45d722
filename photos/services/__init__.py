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
from photos.services.files import drop_files, keep_file, remove_dropped_files, store_file
from photos.services.intake import (
    PhotoFacts,
    content_type_of,
    register_photo,
    sha256_of,
    sort_order_of,
    store_photo,
)
from photos.services.library import add_images, erase_album, erase_images, make_small_renditions, take_out
from photos.services.objects import note_objects
from photos.services.opinions import set_faces_data, set_like, set_photo_local_id
from photos.services.processing import (
    Analysis,
    claim_original,
    fail_lost_originals,
    fail_original,
    finish_stage,
    note_content,
    note_prepared,
    release_original,
    send_to_stage,
)
from photos.services.reprocessing import process_again
from photos.services.slots import FileRefused, SlotTaken, add_slots, fill_slot, note_uploading, take_in_uploads
from photos.services.trash import (
    Purged,
    count_purgeable,
    purge_albums,
    purge_photos,
    purge_trash,
    restore_photos,
    trash_photo,
    trash_photos,
    trashed_long_ago,
)
from photos.services.zips import Wanted, build_zip, clean_up_zips, request_zip

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
    "build_zip",
    "claim_original",
    "clean_up_zips",
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
    "finish_stage",
    "keep_file",
    "make_small_renditions",
    "may_change",
    "move_photo",
    "note_content",
    "note_objects",
    "note_prepared",
    "note_uploading",
    "process_again",
    "purge_albums",
    "purge_photos",
    "purge_trash",
    "register_photo",
    "release_original",
    "remove_dropped_files",
    "request_zip",
    "restore_photos",
    "send_to_stage",
    "set_faces_data",
    "set_like",
    "set_photo_local_id",
    "set_sort_order",
    "sha256_of",
    "sort_order_of",
    "store_file",
    "store_photo",
    "take_in_uploads",
    "take_out",
    "trash_photo",
    "trash_photos",
    "trashed_long_ago",
]
