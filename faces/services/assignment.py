"""The queue of faces that wait to be assigned to people, in the libraries that have their original."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from core.batching import BATCH, batched
from core.enqueueing import send_task
from core.sweeping import unsent_rows
from faces.models import Face, FaceAssignment, PendingAssignment
from faces.services.joining import assign_new_faces
from photos.models import Photo
from photos.selectors import queue_for

# How many tasks the broker holds at once: in a large library each takes seconds, so more would only wait there.
MAX_SENT = 100
# The worker that found the faces assigns them next; a task that was sent may wait long behind others.
ASSIGNED_WITHIN = timedelta(seconds=30)
SENT_AGAIN_AFTER = timedelta(minutes=5)
# By then the nightly clustering has assigned every face of the library.
DISCARDED_AFTER = timedelta(days=2)


def assign_waiting_faces(*, original_id: UUID) -> None:
    """Assigns the waiting faces of the original to people, in every library that has it.

    Does nothing when they do not wait (any more). They go on waiting where other processes kept writing to a
    library. Originals that wait in these libraries only are assigned along with it, and stop waiting.
    """
    if not PendingAssignment.objects.filter(original=original_id).exists():
        return
    owners = list(User.objects.filter(photos__original=original_id, photos__deleted_at=None).distinct())
    waiting = PendingAssignment.objects.filter(
        Q(original=original_id) | Q(original__photos__owner__in=owners, original__photos__deleted_at=None)
    )
    waiting_since = dict(waiting.values_list("pk", "since"))
    assigned = [assign_new_faces(owner=owner) for owner in owners]
    if not all(assigned):
        return
    elsewhere = Photo.objects.alive().filter(original=OuterRef("original")).exclude(owner__in=owners)
    for batch in batched(waiting_since):
        # An original that came to another library meanwhile has a new `since`, and goes on waiting.
        unchanged = PendingAssignment.objects.filter(pk__in=batch, since__in=[waiting_since[pk] for pk in batch])
        unchanged.filter(~Exists(elsewhere)).delete()


def send_assignment(*, original_id: UUID) -> None:
    """Sends the task that assigns the original's faces to the broker, at once."""
    if send_task("faces.tasks.assign_faces", str(original_id), queue=queue_for(original_id)):
        note_assignment_queued(original_id=original_id)


def note_assignment_queued(*, original_id: UUID) -> None:
    """Notes that the broker has accepted the task that assigns the original's faces."""
    PendingAssignment.objects.filter(pk=original_id).update(queued_at=timezone.now())


def require_assignment(*, original_ids: Collection[UUID]) -> None:
    """Notes that the faces of these originals are to be assigned to people. Call inside a transaction."""
    # In one order, so that two requests do not wait for each other.
    rows = [PendingAssignment(original_id=pk) for pk in sorted(set(original_ids))]
    PendingAssignment.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["original"],
        update_fields=["since", "queued_at"],
    )


def require_assignment_on(*, photo_ids: Collection[UUID]) -> None:
    """The same for the faces on these photos that are new to the library of the photo's owner."""
    original_ids = set[UUID]()
    for batch in batched(photo_ids):
        photos = Photo.objects.filter(pk__in=batch)
        assigned = FaceAssignment.objects.filter(face=OuterRef("pk"), owner=OuterRef(OuterRef("owner")))
        unassigned = Face.objects.filter(~Exists(assigned), original=OuterRef("original"))
        original_ids.update(photos.filter(Exists(unassigned)).values_list("original", flat=True))
    require_assignment(original_ids=original_ids)


def missed_assignments(*, everything: bool) -> list[UUID]:
    """Returns the originals whose faces should be assigned by now; with `everything`, all whose faces wait.

    At most as many as the broker is to hold at once; those that were sent in vain come last.
    """
    waiting = PendingAssignment.objects.order_by(F("queued_at").asc(nulls_first=True), "since")
    if everything:
        return list(waiting.values_list("pk", flat=True)[:MAX_SENT])
    due = waiting.filter(Q(queued_at__isnull=False) | Q(since__lt=timezone.now() - ASSIGNED_WITHIN))
    return [row.pk for row in unsent_rows(due, limit=MAX_SENT, resend_after=SENT_AGAIN_AFTER)]


def discard_old_assignments() -> None:
    """Deletes what has waited for days: it cannot be assigned, and would be tried again for ever."""
    PendingAssignment.objects.filter(since__lt=timezone.now() - DISCARDED_AFTER).delete()
