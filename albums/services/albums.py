import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, Value, When
from django.utils import timezone

from accounts.models import User
from albums.models import Album, AlbumLocalId, AlbumQuerySet, AlbumView, PendingAlbum
from albums.services.queue import touch_albums
from albums.signals import albums_deleted
from core.batching import batched

TOKEN_BYTES = 9  # 12 characters of base64


class LookOnly(PermissionDenied):
    """The user is a member who may look at the album, and not add photos to it."""

    def __init__(self) -> None:
        super().__init__("You may look at this album, but not add photos. Its owner can change that.")


def check_may_upload(*, album: Album, user: User) -> None:
    """Raises `Album.DoesNotExist` when the user does not see the album any more, and `LookOnly`."""
    if not Album.objects.open_to(user).filter(pk=album.pk).exists():
        Album.objects.visible_to(user).only("pk").get(pk=album.pk)
        raise LookOnly


def hold_album(*, album: Album, user: User) -> None:
    """Keeps the album from being deleted, and the user from leaving it, until the transaction ends.

    What is added to an album after its guests' photos were kept in their libraries would be lost to them. Call it
    first in a transaction that adds photos. Raises like `check_may_upload`.
    """
    Album.objects.select_for_update(no_key=True).get(pk=album.pk)
    check_may_upload(album=album, user=user)  # apart: it was perhaps waited for the lock


@transaction.atomic
def create_album(*, owner: User, name: str = "", local_id: str = "", event_at: datetime | None = None) -> Album:
    album = Album.objects.create(owner=owner, name=name, event_at=event_at)
    if local_id:
        set_local_id(album=album, user=owner, value=local_id)
    return album


def set_local_id(*, album: Album, user: User, value: str) -> None:
    """Stores the id that the user's device has for the album; an empty value deletes it."""
    if value:
        AlbumLocalId.objects.update_or_create(album=album, user=user, defaults={"value": value})
    else:
        AlbumLocalId.objects.filter(album=album, user=user).delete()


@transaction.atomic
def update_album(
    *,
    album: Album,
    user: User,
    name: str | None = None,
    local_id: str | None = None,
    public_page: bool | None = None,
) -> None:
    """Changes the values that are given."""
    if public_page is not None:
        set_public_page(album=album, public=public_page)
    if name is not None:
        album.name = name
        album.save(update_fields=["name", "updated_at"])
    if local_id is not None:
        set_local_id(album=album, user=user, value=local_id)


def set_name_and_date(*, album: Album, name: str, event_at: datetime | None) -> None:
    album.name, album.event_at = name, event_at
    album.save(update_fields=["name", "event_at", "updated_at"])


def set_public_page(*, album: Album, public: bool) -> None:
    """Opens the album's public pages, or closes them. When they are opened again, their code is a new one."""
    if public != album.public_page:
        album.public_page = public
        album.token = None
        album.save(update_fields=["public_page", "token", "updated_at"])


def ensure_tokens(*, albums: Iterable[Album]) -> dict[UUID, str | None]:
    """Returns the code of each album's public view; creates missing ones with at most two queries.

    An album whose public pages are closed has none.
    """
    albums = list(albums)
    tokens = {album.pk: album.token for album in albums}
    if missing := [album.pk for album in albums if album.public_page and album.token is None]:
        codes = [When(pk=pk, then=Value(secrets.token_urlsafe(TOKEN_BYTES))) for pk in missing]
        without = Album.objects.filter(pk__in=missing, public_page=True, token=None)
        without.update(token=Case(*codes))
        # Perhaps another request's.
        tokens |= dict(Album.objects.filter(pk__in=missing).values_list("pk", "token"))
    return tokens


@transaction.atomic
def delete_album(*, album: Album) -> None:
    """Hides the album and its photos from everybody, for its owner, and removes it from the queue.

    May be called again.
    """
    if album.deleted_at is None:
        album.deleted_at, album.deleted_by_owner = timezone.now(), True
        album.save(update_fields=["deleted_at", "deleted_by_owner", "updated_at"])
        albums_deleted.send(Album, album_ids=[album.pk])
    PendingAlbum.objects.filter(album=album).delete()


@transaction.atomic
def delete_albums(*, albums: AlbumQuerySet) -> int:
    """Hides the albums like `delete_album`, for an operator; returns the number that were not hidden before.

    Only an operator restores them.
    """
    now, hidden = timezone.now(), 0
    for batch in batched(_ids_of(albums)):
        PendingAlbum.objects.filter(pk__in=batch).delete()
        shown = list(Album.objects.alive().filter(pk__in=batch).values_list("pk", flat=True))
        hidden += (
            Album.objects.alive()
            .filter(pk__in=shown)
            .update(deleted_at=now, deleted_by_owner=False, updated_at=now)
        )
        albums_deleted.send(Album, album_ids=shown)
    return hidden


@transaction.atomic
def restore_albums(*, albums: AlbumQuerySet) -> int:
    """Restores the albums from the trash, with those of their photos that were not deleted themselves.

    Queues them: what was new when they were deleted is still undecided.
    """
    restored = 0
    for batch in batched(_ids_of(albums.exclude(deleted_at=None))):
        restored += Album.objects.filter(pk__in=batch).update(deleted_at=None)
        touch_albums(album_ids=batch)
    return restored


def _ids_of(albums: AlbumQuerySet) -> list[UUID]:
    """Reads the ids of the albums once, because the change may affect which albums the queryset selects."""
    return list(albums.order_by().values_list("pk", flat=True))


def mark_viewed(*, album: Album, user: User) -> None:
    AlbumView.objects.get_or_create(album=album, user=user)
