"""What fails without the work being to blame: a mistake of ours, or a machine short of memory or time.

It is tried again, as often as such work is; then it is given up, and told as what it is.
"""

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings


class OutOfMemory(Exception):
    """A `MemoryError` of a task. Celery ends the whole worker when it hears of one, with all that is in work."""


def reason_to_give_up(error: Exception) -> str:
    """Why work is given up after its last try, in words that clients may read."""
    return f"Given up after {settings.PROCESSING_TRIES} tries: {_in_words(error)}"


def _in_words(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "the server has too little memory for it."
    if isinstance(error, SoftTimeLimitExceeded):
        return "it takes the server too long."
    return f"the server made a mistake ({type(error).__name__})."
