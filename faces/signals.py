"""What happens in processing; both sent on commit."""

from django.dispatch import Signal

# An original is done or failed, with `original_ids`: albums may have been waiting for it.
originals_finished = Signal()

# A user gave a picture to be recognised by, with `selfie_id`.
selfie_stored = Signal()
