from typing import Any
from uuid import UUID

from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver

from accounts.models import User
from accounts.signals import user_leaving
from core.enqueueing import send_task
from photos import services, tasks
from photos.models import Original, Rendition, Zip
from photos.selectors import queue_for
from photos.signals import files_dropped, original_stored, uploads_expected, zip_requested
from photos.storage import rendition_key


@receiver(pre_delete, sender=Original)
def drop_stored_files(instance: Original, **_: Any) -> None:
    """All that may be stored for it: a worker may have died after storing renditions and before noting them."""
    renditions = [rendition_key(instance.pk, kind) for kind in Rendition.Kind.values]
    services.drop_files(keys=[instance.key, *renditions])


@receiver(post_delete, sender=Zip)
def drop_zip_file(instance: Zip, **_: Any) -> None:
    if instance.key:
        services.drop_files(keys=[instance.key])


@receiver(original_stored)
def prepare_original(original_id: UUID, **_: Any) -> None:
    if send_task(tasks.prepare_original, str(original_id), queue=queue_for(original_id)):
        services.note_queued(original_id=original_id)


@receiver(user_leaving)
def erase_photos(user: User, **_: Any) -> None:
    services.erase_photos_of(user=user)


@receiver(files_dropped)
def remove_files(**_: Any) -> None:
    send_task(tasks.remove_files)


@receiver(uploads_expected)
def collect_uploads(**_: Any) -> None:
    send_task(tasks.collect_uploads)


@receiver(zip_requested)
def make_zip(zip_id: UUID, **_: Any) -> None:
    send_task(tasks.make_zip, str(zip_id))
