"""The worker's tasks. Each takes ids, reads afresh, calls one service, and may run twice."""

from uuid import UUID

from celery import shared_task

from accounts.models import User
from core.enqueueing import send_task
from core.sweeping import run_sweeps
from core.tasks import LongTask, RetryingTask
from faces import services
from faces.library import libraries_with_faces


@shared_task(base=RetryingTask, max_retries=None)  # the sweep has it for minutes only when its message is lost
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
def sweep_by_its_old_name() -> None:
    """A scheduler that is still of a version before `core.tasks.sweep` sends this."""
    run_sweeps()


@shared_task
def recluster_faces() -> None:
    """One task for each library, so that none of them runs for long."""
    services.give_up_assignments()
    for owner_id in libraries_with_faces().values_list("pk", flat=True).iterator():
        send_task("faces.tasks.recluster_library", str(owner_id))


@shared_task(base=LongTask)
def recluster_library(owner_id: str) -> None:
    if owner := User.objects.filter(pk=UUID(owner_id)).first():
        services.recluster(owner=owner)
