"""What happens in processing; sent on commit."""

from django.dispatch import Signal

# An original was looked at with success, with `original_id` and `stage_seconds`: the seconds of each stage.
original_processed = Signal()
