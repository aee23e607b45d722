from django.db import transaction
from django.utils import timezone

from accounts.models import User
from albums.models import Album, AlbumLocalId, AlbumView, PendingAlbum


@transaction.atomic
def create_album(*, owner: User, name: str = "", local_id: str = "") -> Album:
    album = Album.objects.create(owner=owner, name=name)
    if local_id:
        set_local_id(album=album, user=owner, value=local_id)
    return album


def set_local_id(*, album: Album, user: User, value: str) -> None:
    """Keeps how the user's device names the album; an empty value forgets it."""
    if value:
        AlbumLocalId.objects.update_or_create(album=album, user=user, defaults={"value": value})
    else:
        AlbumLocalId.objects.filter(album=album, user=user).delete()


@transaction.atomic
def update_album(*, album: Album, user: User, name: str | None = None, local_id: str | None = None) -> None:
    """Changes what is given and leaves the rest."""
    if name is not None:
        album.name = name
        album.save(update_fields=["name", "updated_at"])
    if local_id is not None:
        set_local_id(album=album, user=user, value=local_id)


@transaction.atomic
def delete_album(*, album: Album) -> None:
    """Hides the album from everybody, and its photos with it; it leaves the queue. Once deleted it stays as it is."""
    if album.deleted_at is None:
        album.deleted_at = timezone.now()
        album.save(update_fields=["deleted_at", "updated_at"])
    PendingAlbum.objects.filter(album=album).delete()


def mark_viewed(*, album: Album, user: User) -> None:
    AlbumView.objects.get_or_create(album=album, user=user)
