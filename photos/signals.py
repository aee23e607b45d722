"""What happens to photos, for the floors above."""

from django.dispatch import Signal

# An original is ready; sent after commit, with `original_id` and `stage_seconds`: how long each part of it took.
original_processed = Signal()

# Originals are done or failed; sent after commit, with `original_ids`: albums may have been waiting for them.
originals_finished = Signal()

# Photos were copied into `album`; sent inside the transaction, with `copies`: the copy's id by the photo's.
photos_copied = Signal()

# Photos came, or came back, to libraries, whose people may not know their faces yet; sent inside the transaction,
# with `photo_ids`. Those whose original is new have no faces, and need not be told of.
photos_arrived = Signal()

# A photo went to another album; sent inside the transaction, with `photo`.
photo_moved = Signal()

# Photos are gone for good; sent inside the transaction, with `owner_ids`: whose they were.
photos_erased = Signal()
