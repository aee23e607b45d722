"""Failures that the work itself did not cause: a mistake of ours, or a machine short of memory or time.

Such work is tried again as often as any other. After the last try it fails with a message that tells the cause.
"""

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings


class OutOfMemory(Exception):
    """Stands for the `MemoryError` of a task: Celery would end the whole worker, and all tasks that it runs."""


def failure_message(error: Exception) -> str:
    """Returns why the last try failed, in words that clients may read."""
    match error:
        case MemoryError():
            reason = "the server has too little memory for it."
        case SoftTimeLimitExceeded():
            reason = "it takes the server too long."
        case _:
            reason = f"the server made a mistake ({type(error).__name__})."
    return f"Given up after {settings.PROCESSING_TRIES} tries: {reason}"
