"""Faces wait, in the database, for being given to the people of the libraries that their original is in."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from core.batching import BATCH, batched
from core.enqueueing import send_task
from core.sweeping import unsent_rows
from faces.models import Face, FaceAssignment, PendingAssignment
from faces.services.people import give_faces
from photos.models import Photo
from photos.selectors import queue_for

# How many the broker has at once: where people are many, giving takes seconds, and more would only lie there.
MAX_SENT = 100
# Whoever found the faces is about to give them; when a message was sent, it may stand behind others for long.
GIVEN_WITHIN = timedelta(seconds=30)
SENT_AGAIN_AFTER = timedelta(minutes=5)
# By then the nightly clustering has put every face of the library in order.
GIVEN_UP_AFTER = timedelta(days=2)


def assign_waiting_faces(*, original_id: UUID) -> None:
    """Says who the waiting faces of the original are, in the library of everybody who has it.

    Nothing when they do not wait, or not any more. Where others keep on writing to a library, they wait on. All
    else that waits in these libraries only is given at the same time, and waits no more.
    """
    if not PendingAssignment.objects.filter(original=original_id).exists():
        return
    owners = list(User.objects.filter(photos__original=original_id, photos__deleted_at=None).distinct())
    waiting = PendingAssignment.objects.filter(
        Q(original=original_id) | Q(original__photos__owner__in=owners, original__photos__deleted_at=None)
    )
    before = dict(waiting.values_list("pk", "since"))
    given = [give_faces(owner=owner) for owner in owners]
    if all(given):
        _end_waiting(before, owners)


def _end_waiting(before: Mapping[UUID, datetime], owners: Collection[User]) -> None:
    """For those that nobody else has, and that did not come to another library meanwhile: then they wait anew."""
    elsewhere = Photo.objects.alive().filter(original=OuterRef("original")).exclude(owner__in=owners)
    for batch in batched(before):
        same = PendingAssignment.objects.filter(pk__in=batch, since__in=[before[pk] for pk in batch])
        same.filter(~Exists(elsewhere)).delete()


def send_assignment(*, original_id: UUID) -> None:
    """Hands the task that gives the original's faces to the broker, at once."""
    if send_task("faces.tasks.assign_faces", str(original_id), queue=queue_for(original_id)):
        note_assignment_queued(original_id=original_id)


def note_assignment_queued(*, original_id: UUID) -> None:
    """The broker has taken the task that gives the original's faces."""
    PendingAssignment.objects.filter(pk=original_id).update(queued_at=timezone.now())


def await_assignment(*, original_ids: Collection[UUID]) -> None:
    """Notes that the faces of these originals are to be given to people. Call inside a transaction."""
    # In one order, so that two requests do not wait for each other.
    rows = [PendingAssignment(original_id=pk) for pk in sorted(set(original_ids))]
    PendingAssignment.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["original"],
        update_fields=["since", "queued_at"],
    )


def await_assignment_on(*, photo_ids: Collection[UUID]) -> None:
    """Photos came to libraries: those of their faces that nobody there has wait. Call inside a transaction."""
    unknown = set[UUID]()
    for batch in batched(photo_ids):
        placed = Photo.objects.filter(pk__in=batch)
        known = FaceAssignment.objects.filter(face=OuterRef("pk"), owner=OuterRef(OuterRef("owner")))
        strange = Face.objects.filter(~Exists(known), original=OuterRef("original"))
        unknown.update(placed.filter(Exists(strange)).values_list("original", flat=True))
    await_assignment(original_ids=unknown)


def missed_assignments(*, everything: bool) -> list[UUID]:
    """The originals whose faces should have been given by now; with `everything`, whether or not they should.

    No more than the broker is to hold at once; what was sent in vain goes behind the others.
    """
    waiting = PendingAssignment.objects.order_by(F("queued_at").asc(nulls_first=True), "since")
    if everything:
        return list(waiting.values_list("pk", flat=True)[:MAX_SENT])
    due = waiting.filter(Q(queued_at__isnull=False) | Q(since__lt=timezone.now() - GIVEN_WITHIN))
    return [row.pk for row in unsent_rows(due, limit=MAX_SENT, resend_after=SENT_AGAIN_AFTER)]


def give_up_assignments() -> None:
    """Forgets what has waited for days: it cannot be given, and would be tried again for ever."""
    PendingAssignment.objects.filter(since__lt=timezone.now() - GIVEN_UP_AFTER).delete()
