from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver

from accounts.models import User
from accounts.signals import before_user_deletion
from photos import services
from photos.models import Original, Rendition, Zip
from photos.storage import rendition_key


@receiver(pre_delete, sender=Original)
def drop_stored_files(instance: Original, **_: object) -> None:
    """Drops the file and every possible rendition: a worker may have died before saving a rendition's row."""
    renditions = [rendition_key(instance.pk, kind) for kind in Rendition.Kind.values]
    services.drop_files(keys=[instance.key, *renditions])


@receiver(post_delete, sender=Zip)
def drop_zip_file(instance: Zip, **_: object) -> None:
    if instance.key:
        services.drop_files(keys=[instance.key])


@receiver(before_user_deletion)
def on_user_leaving(user: User, **_: object) -> None:
    services.erase_photos_of(user=user)
