import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Value, When
from django.utils import timezone

from accounts.models import User
from albums.models import Album, AlbumLocalId, AlbumQuerySet, AlbumView, PendingAlbum
from albums.services.queue import touch
from core.batching import batched

TOKEN_BYTES = 9  # 12 characters of base64


@transaction.atomic
def create_album(*, owner: User, name: str = "", local_id: str = "", event_at: datetime | None = None) -> Album:
    album = Album.objects.create(owner=owner, name=name, event_at=event_at)
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


def describe_album(*, album: Album, name: str, event_at: datetime | None) -> None:
    album.name, album.event_at = name, event_at
    album.save(update_fields=["name", "event_at", "updated_at"])


def give_tokens(*, albums: Iterable[Album]) -> dict[UUID, str]:
    """The code of each album's public view, made where there is none yet; in at most two queries more."""
    tokens = {album.pk: album.token for album in albums}
    if bare := [pk for pk, token in tokens.items() if token is None]:
        codes = [When(pk=pk, then=Value(secrets.token_urlsafe(TOKEN_BYTES))) for pk in bare]
        Album.objects.filter(pk__in=bare, token=None).update(token=Case(*codes))
        tokens |= dict(Album.objects.filter(pk__in=bare).values_list("pk", "token"))  # perhaps another's
    return {pk: token or "" for pk, token in tokens.items()}


@transaction.atomic
def delete_album(*, album: Album) -> None:
    """Hides the album from everybody, and its photos with it; it leaves the queue. It may be repeated."""
    if album.deleted_at is None:
        album.deleted_at = timezone.now()
        album.save(update_fields=["deleted_at", "updated_at"])
    PendingAlbum.objects.filter(album=album).delete()


@transaction.atomic
def delete_albums(*, albums: AlbumQuerySet) -> int:
    """Hides the albums like `delete_album`; returns how many were not hidden yet."""
    now, hidden = timezone.now(), 0
    for batch in batched(_ids_of(albums)):
        PendingAlbum.objects.filter(pk__in=batch).delete()
        hidden += Album.objects.alive().filter(pk__in=batch).update(deleted_at=now, updated_at=now)
    return hidden


@transaction.atomic
def restore_albums(*, albums: AlbumQuerySet) -> int:
    """Takes the albums out of the trash, with those of their photos that were not deleted themselves.

    They are looked through again: what was new when they were deleted is still to be decided.
    """
    restored = 0
    for batch in batched(_ids_of(albums.exclude(deleted_at=None))):
        restored += Album.objects.filter(pk__in=batch).update(deleted_at=None)
        touch(album_ids=batch)
    return restored


def _ids_of(albums: AlbumQuerySet) -> list[UUID]:
    """The ids of the albums, read once: what they are selected by may be what changes."""
    return list(albums.order_by().values_list("pk", flat=True))


def mark_viewed(*, album: Album, user: User) -> None:
    AlbumView.objects.get_or_create(album=album, user=user)
