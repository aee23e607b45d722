from celery import shared_task

from photos import services


@shared_task
def remove_files() -> None:
    services.remove_files()
