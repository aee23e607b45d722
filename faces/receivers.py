"""Receivers of the signals of lower floors."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver

from accounts.models import User
from accounts.signals import before_user_deletion, pic_url_changed
from albums.models import Album
from albums.signals import album_ready
from faces import selectors, services
from faces.index import get_index
from faces.models import Selfie
from photos.models import Original, Photo
from photos.services import drop_files
from photos.signals import (
    originals_finished,
    photo_moved,
    photos_arrived,
    photos_copied,
    photos_erased,
)


@receiver(album_ready)
def enqueue_album(album_id: UUID, **_: object) -> None:
    services.send_album(album_id=album_id)


@receiver(originals_finished)
def enqueue_waiting_albums(original_ids: Collection[UUID], **_: object) -> None:
    albums = Photo.objects.filter(original__in=original_ids).values("album")
    for pending in selectors.processable_albums().filter(album__in=albums):
        services.send_album(album_id=pending.pk)


@receiver(pic_url_changed)
def on_pic_url_changed(user: User, **_: object) -> None:
    services.use_profile_picture(user=user)


@receiver(photos_copied)
def on_photos_copied(copies: Mapping[UUID, UUID], album: Album, **_: object) -> None:
    services.copy_sightings(copies=copies, album=album)


@receiver(photos_arrived)
def on_photos_arrived(photo_ids: Collection[UUID], **_: object) -> None:
    services.require_assignment_on(photo_ids=photo_ids)


@receiver(photo_moved)
def on_photo_moved(photo: Photo, **_: object) -> None:
    services.delete_sightings_of_others(photo=photo)


@receiver(photos_erased)
def on_photos_erased(owner_ids: Collection[UUID], **_: object) -> None:
    services.remove_lost_faces(owner_ids=owner_ids)


@receiver(pre_delete, sender=Original)
def note_faces_lost(instance: Original, **_: object) -> None:
    services.note_faces_changed(original_id=instance.pk)


@receiver(before_user_deletion)
def forget_looks(user: User, **_: object) -> None:
    get_index().forget(user.pk)


@receiver(post_delete, sender=Selfie)
def drop_selfie_file(instance: Selfie, **_: object) -> None:
    drop_files(keys=[instance.key])
