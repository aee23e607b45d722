"""What happens to albums, for the floors above."""

from django.dispatch import Signal

# An album may be processed now, as far as the queue knows; sent on commit, with `album_id`.
album_ready = Signal()

# An operator wants an album processed by this server's own worker, whatever ALBUM_PROCESSOR says; sent on commit,
# with `album_id`.
processing_wanted = Signal()
