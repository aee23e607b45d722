"""Celery tasks of photos. Each takes ids, reads the rows anew, calls one service, and may run twice."""

import logging
from uuid import UUID

from celery import shared_task

from core.tasks import LongTask, RetryingTask
from photos import importing, preparing, services
from photos.storage import StorageUnavailable

logger = logging.getLogger(__name__)


@shared_task(base=RetryingTask, max_retries=None)  # the sweep would send it minutes later
def prepare_original(original_id: str) -> None:
    preparing.prepare_for_viewing(original_id=UUID(original_id))


@shared_task
def remove_files() -> None:
    services.delete_expired_uploads()
    services.remove_dropped_files()


@shared_task
def collect_uploads() -> None:
    try:
        services.collect_arrived_uploads()
    except StorageUnavailable:
        logger.warning("The storage is unreachable: uploads are collected later.")


@shared_task(base=LongTask)
def make_zip(zip_id: str) -> None:
    services.build_zip(zip_id=UUID(zip_id))


@shared_task
def sweep_zips() -> None:
    services.clean_up_zips()


@shared_task(base=LongTask)
def purge_deleted() -> None:
    services.purge_trash()


@shared_task(base=LongTask)
def continue_folders() -> None:
    importing.resume_imports()
