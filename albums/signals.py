"""What happens to albums, for the floors above."""

from django.dispatch import Signal

# An album may be processed now, as far as the queue knows; sent on commit, with `album_id`.
album_ready = Signal()
