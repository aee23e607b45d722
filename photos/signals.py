"""Signals about photos, for the floors above."""

from django.dispatch import Signal

# An original is ready. Sent after commit, with `original_id` and `stage_seconds` (seconds by part of the work).
original_processed = Signal()

# Originals are ready or failed, so that albums may be processed. Sent after commit, with `original_ids`.
originals_finished = Signal()

# Photos were copied into `album`. Sent inside the transaction, with `copies` (the copy's id by the photo's id).
photos_copied = Signal()

# Photos were added to a library or an album, or restored; their faces may have to be assigned to people there.
# Sent inside the transaction, with `photo_ids`. Optional for photos of a new original, which has no faces yet.
photos_arrived = Signal()

# A photo was moved to another album. Sent inside the transaction, with `photo`.
photo_moved = Signal()

# Photos left an album, and copies of them are in their owners' libraries (some may have been there before). Sent
# inside the transaction, with `copies` (the copy's id by the photo's id).
photos_kept = Signal()

# Photos were erased or purged. Sent inside the transaction, with `owner_ids` (the former owners).
photos_erased = Signal()
