"""Services that write photos: adding, processing, copying, deleting, and the files behind them."""

from photos.services.admission import PictureRemoved
from photos.services.annotations import set_faces_data, set_like, set_photo_local_id
from photos.services.copying import AlreadyThere, copy_photos, may_change, move_photo, set_sort_order
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
from photos.services.keeping import keep_in_libraries
from photos.services.library import (
    add_images,
    delete_shared_or_erase,
    erase_album,
    erase_images,
    remove_from_album,
)
from photos.services.object_labels import save_object_labels
from photos.services.processing import (
    Analysis,
    claim_original,
    fail_lost_originals,
    fail_original,
    finish_stage,
    record_content,
    release_original,
    save_analysis,
    send_to_stage,
)
from photos.services.reprocessing import reprocess_originals
from photos.services.slots import (
    FileRefused,
    SlotTaken,
    add_slots,
    collect_arrived_uploads,
    fill_slot,
    mark_uploading,
)
from photos.services.trash import (
    Purged,
    count_purgeable,
    may_delete,
    photo_to_delete,
    purge_albums,
    purge_cutoff,
    purge_photos,
    purge_trash,
    restore_photos,
    trash_photo,
    trash_photos,
)
from photos.services.zips import RequestedPicture, build_zip, clean_up_zips, name_of_original, request_zip

__all__ = [
    "AlreadyThere",
    "Analysis",
    "ErasedPhotos",
    "FileRefused",
    "PhotoFacts",
    "PictureRemoved",
    "Purged",
    "RequestedPicture",
    "SlotTaken",
    "add_images",
    "add_slots",
    "build_zip",
    "claim_original",
    "clean_up_zips",
    "collect_arrived_uploads",
    "content_type_of",
    "copy_photos",
    "count_purgeable",
    "delete_shared_or_erase",
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
    "keep_in_libraries",
    "mark_uploading",
    "may_change",
    "may_delete",
    "move_photo",
    "name_of_original",
    "photo_to_delete",
    "purge_albums",
    "purge_cutoff",
    "purge_photos",
    "purge_trash",
    "record_content",
    "register_photo",
    "release_original",
    "remove_dropped_files",
    "remove_from_album",
    "reprocess_originals",
    "request_zip",
    "restore_photos",
    "save_analysis",
    "save_object_labels",
    "send_to_stage",
    "set_faces_data",
    "set_like",
    "set_photo_local_id",
    "set_sort_order",
    "sha256_of",
    "sort_order_of",
    "store_file",
    "store_photo",
    "trash_photo",
    "trash_photos",
]
