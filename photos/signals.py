"""What happens to photos, for the floors above."""

from django.dispatch import Signal

# An original has been stored or registered and nobody has looked at it yet; sent on commit, with `original_id`.
original_stored = Signal()

# Files are no longer needed; sent on commit.
files_dropped = Signal()
