"""The states of an album between an upload and the decision who is on its photos.

This is the only definition; clients, the admin, commands and the queue translate it. `PendingAlbum.state` is the
state of one row of the queue, and `PendingAlbumQuerySet` selects many rows by it.
"""

from django.db import models


class AlbumState(models.TextChoices):
    """The labels are for operators."""

    IDLE = "idle", "idle"  # nothing waits, and nothing was decided yet
    QUEUED = "queued", "pending"  # the album or its photos wait for a worker
    RUNNING = "running", "running"  # a worker of this server processes the album or its photos
    TAKEN_OUTSIDE = "taken_outside", "taken outside"  # an outside algorithm has it and has not answered yet
    LAPSED = "lapsed", "taken outside, lapsed"  # the algorithm was not heard of in time: others may take it
    DONE = "done", "done"  # it was decided, and nothing is new since then

    @property
    def is_taken(self) -> bool:
        """Whether a worker or an algorithm is deciding about the album, so that others must leave it alone."""
        return self in (AlbumState.RUNNING, AlbumState.TAKEN_OUTSIDE)

    @property
    def is_waiting(self) -> bool:
        """Whether the album waits for a worker or an algorithm."""
        return self in (AlbumState.QUEUED, AlbumState.LAPSED)

    @property
    def for_clients(self) -> "AlbumState":
        """The state as a client sees it, who need not know who decides."""
        shown = {AlbumState.TAKEN_OUTSIDE: AlbumState.RUNNING, AlbumState.LAPSED: AlbumState.QUEUED}
        return shown.get(self, self)


class OpenLinkState(models.TextChoices):
    """Whether an open link lets people in, or why not. The labels are for operators."""

    OPEN = "open", "open"
    OFF = "off", "switched off"
    EXPIRED = "expired", "expired"
    USED_UP = "used_up", "used up"


def album_state(in_queue: AlbumState | None, *, unfinished: int, processing: int, decided: bool) -> AlbumState:
    """Returns the state of an album from its state in the queue, if it is there, and from its photos.

    `unfinished` is the number of photos that are neither ready nor failed, `processing` the number of those that a
    worker has started. `decided` is whether it was ever decided who is on the photos.
    """
    if in_queue and in_queue.is_taken:
        return in_queue
    if processing:
        return AlbumState.RUNNING
    if in_queue and in_queue.is_waiting:
        return in_queue
    if unfinished:
        return AlbumState.QUEUED
    return AlbumState.DONE if decided or in_queue == AlbumState.DONE else AlbumState.IDLE
