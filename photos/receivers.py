from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver

from accounts.tasks import send_task
from photos import services, tasks
from photos.models import Original, Rendition
from photos.signals import files_dropped


@receiver(post_delete, sender=Original)
@receiver(post_delete, sender=Rendition)
def drop_file(instance: Original | Rendition, **_: Any) -> None:
    services.drop_file(key=instance.key)


@receiver(files_dropped)
def remove_files(**_: Any) -> None:
    send_task(tasks.remove_files)
