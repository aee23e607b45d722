"""What happens in processing; sent on commit."""

from django.dispatch import Signal

# A user gave a picture to be recognised by, with `selfie_id`.
selfie_stored = Signal()

# Faces were left with nobody, by a crash perhaps, with the `original_id` that they are on.
assignment_missed = Signal()

# An original was looked at with success, with `original_id` and `stage_seconds`: the seconds of each stage.
original_processed = Signal()
