"""Failures that the work itself did not cause: a mistake of ours, or a machine short of memory or time.

Such work is tried again as often as any other. After the last try it fails with a message that tells the cause.
What operators see of the exception meanwhile, and afterwards, is a fault: its type, its message and its place.
"""

from datetime import datetime
from pathlib import Path
from traceback import extract_tb
from typing import TypedDict

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import models
from django.utils import timezone

MAX_FAULT = 1000  # characters


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


class WithFault(models.Model):
    """A piece of work that notes the exception of its last try, until a try succeeds. Clients never see it."""

    fault = models.TextField("last exception", blank=True, default="", db_default="", editable=False)
    fault_at = models.DateTimeField("when it was raised", null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class FaultColumns(TypedDict):
    """The values of the columns of `WithFault`."""

    fault: str
    fault_at: datetime | None


NO_FAULT: FaultColumns = {"fault": "", "fault_at": None}


def fault_columns(error: Exception, *, doing: str) -> FaultColumns:
    """Returns what to note of the exception: `doing` says in a few words what was tried."""
    words = " ".join(str(error).replace("\0", " ").split()).encode(errors="replace").decode()
    frames = extract_tb(error.__traceback__)
    place = f" ({'/'.join(Path(frames[-1].filename).parts[-3:])}, line {frames[-1].lineno})" if frames else ""
    described = f"{doing}: {type(error).__name__}: {words or 'no message'}"
    return {"fault": described[: MAX_FAULT - len(place)] + place, "fault_at": timezone.now()}
