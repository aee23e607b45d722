from collections.abc import Collection
from uuid import UUID

from django.db.models import Exists, F, OuterRef
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver

from accounts.models import User
from accounts.signals import before_user_deletion
from albums.models import Invitation
from albums.signals import albums_deleted, members_removed
from core.batching import batched
from photos import services
from photos.models import Original, Photo, Rendition, UploadedChunk, Zip
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


@receiver(post_delete, sender=UploadedChunk)
def drop_chunk_file(instance: UploadedChunk, **_: object) -> None:
    services.drop_files(keys=[instance.key])


@receiver(before_user_deletion)
def on_user_leaving(user: User, **_: object) -> None:
    services.erase_photos_of(user=user)


@receiver(albums_deleted)
def on_albums_deleted(album_ids: Collection[UUID], **_: object) -> None:
    guests_photos = Photo.objects.filter(album__in=album_ids, deleted_at=None).exclude(owner=F("album__owner"))
    services.keep_in_libraries(photos=guests_photos)


@receiver(members_removed)
def on_members_removed(invitation_ids: Collection[UUID], **_: object) -> None:
    for batch in batched(invitation_ids):
        removed = Invitation.objects.filter(pk__in=batch, album=OuterRef("album"), claimed_by=OuterRef("uploader"))
        photos = Photo.objects.filter(Exists(removed))
        services.delete_zips_with(photo_ids=photos.values_list("pk", flat=True))  # nobody may see these any more
        services.keep_in_libraries(photos=photos.filter(deleted_at=None))
