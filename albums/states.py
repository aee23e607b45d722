"""Where an album stands on its way from an upload to the decision who is on its photos.

This is the one place that says so; clients, the admin, commands and the queue translate it. What a row of the
queue says by itself is `PendingAlbum.state`, and the same for many rows `PendingAlbumQuerySet`.
"""

from django.db import models


class AlbumState(models.TextChoices):
    """The labels are an operator's words."""

    IDLE = "idle", "idle"  # nothing waits, and nobody has decided anything yet
    QUEUED = "queued", "pending"  # it waits to be taken, or its photos wait
    RUNNING = "running", "running"  # a worker of this server is working on it, or on its photos
    TAKEN_OUTSIDE = "taken_outside", "taken outside"  # by an algorithm that has not answered yet
    DONE = "done", "done"  # it was decided, and nothing is new since

    @property
    def is_taken(self) -> bool:
        """Whether somebody else is deciding about it, and it is to be left to them."""
        return self in (AlbumState.RUNNING, AlbumState.TAKEN_OUTSIDE)


def album_state(in_queue: AlbumState | None, *, unfinished: int, processing: int, decided: bool) -> AlbumState:
    """The state of an album by its row in the queue, if it has one, and by its photos.

    `unfinished` photos are neither ready nor failed, `processing` are those of them that were begun; `decided` is
    whether it was ever decided who is on them.
    """
    if in_queue and in_queue.is_taken:
        return in_queue
    if processing:
        return AlbumState.RUNNING
    if unfinished or in_queue == AlbumState.QUEUED:
        return AlbumState.QUEUED
    return AlbumState.DONE if decided or in_queue == AlbumState.DONE else AlbumState.IDLE
