"""The worker's tasks. Each takes ids, reads the rows anew, calls one service, and may run twice."""

from uuid import UUID

from celery import shared_task

from accounts.models import User
from core.enqueueing import send_task
from core.sweeping import run_sweeps
from core.tasks import LongTask, RetryingTask
from faces import services
from faces.library_selectors import owners_with_faces


@shared_task(base=RetryingTask, max_retries=None)  # without end, for the sweep sends it again only after minutes
def find_faces(original_id: str) -> None:
    services.recognise_original(original_id=UUID(original_id))


@shared_task(base=RetryingTask)
def assign_faces(original_id: str) -> None:
    services.assign_waiting_faces(original_id=UUID(original_id))


@shared_task(base=RetryingTask)
def process_selfie(selfie_id: str) -> None:
    services.check_selfie(selfie_id=UUID(selfie_id))


@shared_task(base=RetryingTask)
def process_album(album_id: str) -> None:
    services.recognise_album(album_id=UUID(album_id))


@shared_task(name="faces.tasks.sweep")
def sweep_under_old_name() -> None:
    """Runs the sweep for a scheduler of an older version, which does not know `core.tasks.sweep`."""
    run_sweeps()


@shared_task
def recluster_faces() -> None:
    """Sends one task for each library, so that none of them runs for long."""
    services.discard_old_assignments()
    for owner_id in owners_with_faces().values_list("pk", flat=True).iterator():
        send_task("faces.tasks.recluster_library", str(owner_id))


@shared_task(base=LongTask)
def recluster_library(owner_id: str) -> None:
    if owner := User.objects.filter(pk=UUID(owner_id)).first():
        services.recluster(owner=owner)
