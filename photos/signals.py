"""What happens to photos, for the floors above."""

from django.dispatch import Signal

# An original has been stored or registered and nobody has looked at it yet; sent on commit, with `original_id`.
original_stored = Signal()

# An original can be shown, and its faces are still to be found; sent after commit, with `original_id`.
original_prepared = Signal()

# Originals are done or failed; sent after commit, with `original_ids`: albums may have been waiting for them.
originals_finished = Signal()

# Files are no longer needed; sent on commit.
files_dropped = Signal()

# Photos were copied into `album`; sent inside the transaction, with `copies`: the copy's id by the photo's.
photos_copied = Signal()

# Photos came, or came back, to libraries, whose people may not know their faces yet; sent inside the transaction,
# with `photo_ids`. Those whose original is new have no faces, and need not be told of.
photos_arrived = Signal()

# A photo went to another album; sent inside the transaction, with `photo`.
photo_moved = Signal()

# An archive was asked for; sent on commit, with `zip_id`.
zip_requested = Signal()

# A client says that it uploads by presigned URLs; sent on commit, with `album_id`.
uploads_expected = Signal()

# Photos are gone for good; sent inside the transaction, with `owner_ids`: whose they were.
photos_erased = Signal()
