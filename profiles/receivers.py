from collections.abc import Mapping
from uuid import UUID

from django.dispatch import receiver

from photos.signals import photos_kept
from profiles import services


@receiver(photos_kept)
def on_photos_kept(copies: Mapping[UUID, UUID], **_: object) -> None:
    services.link_copies(copies=copies)
