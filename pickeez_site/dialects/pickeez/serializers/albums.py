import json
from collections import defaultdict
from typing import Any
from uuid import UUID

import orjson
from rest_framework.request import Request

from accounts.models import User
from accounts.phones import national_format
from albums.models import Album, AlbumLocalId, AlbumView, Filtering, Invitation, PendingAlbum
from albums.states import AlbumState, album_state
from faces.selectors import count_filtered
from photos.models import Photo
from photos.selectors import Progress, progress_of
from pickeez_site.dialects.pickeez.serializers.photos import MAX_PHOTOS, PhotosSeenBy
from pickeez_site.dialects.pickeez.serializers.users import user_to_others
from pickeez_site.dialects.wire.values import timestamp

CHUNK = 200  # photos that are held as objects at once
UNSHOWN = ("original__stage_seconds", "original__key", "original__sha256", "original__etag", "original__hue")


def as_json(fields: dict[str, Any]) -> bytes:
    """By the standard library: it writes every number that it has read, orjson none beyond 64 bits."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def as_list(items: bytearray) -> orjson.Fragment:
    """JSON texts with a comma before each; changed in place, for a copy may be of several megabytes."""
    items[:1] = b"["
    items += b"]"
    return orjson.Fragment(bytes(items))


class AlbumsSeenBy:
    """Albums as one of their members sees them, with their people and photos.

    `albums` may be longer than `limit`, or hold more photos than one answer takes: the rest is left for the next
    page, which `next_before` begins. A single album's photos are paged by `photos_after` and `photos_next`.
    """

    def __init__(
        self,
        caller: User | None,
        albums: list[Album],
        request: Request,
        *,
        limit: int | None = None,
        with_photos: bool = True,
        photos_after: UUID | None = None,
    ) -> None:
        self._caller = caller
        self._request = request
        self._with_photos = with_photos
        self._progress = progress_of([album.pk for album in albums])
        self.albums = self._first_page(albums, limit)
        self.next_before = str(self.albums[-1].pk) if len(self.albums) < len(albums) else None
        self._load(photos_after)

    def _first_page(self, albums: list[Album], limit: int | None) -> list[Album]:
        """As many albums as the limits on albums and photos allow; at least one."""
        page: list[Album] = []
        photos = 0
        for album in albums[:limit]:
            photos += self._progress.get(album.pk, Progress()).total
            if page and photos > MAX_PHOTOS and self._with_photos:
                break
            page.append(album)
        return page

    def _load(self, photos_after: UUID | None) -> None:
        ids = [album.pk for album in self.albums]
        invitations = Invitation.objects.live().filter(album__in=ids).select_related("claimed_by").order_by("pk")
        self._invitations = _grouped(invitations)
        self._views = _grouped(AlbumView.objects.filter(album__in=ids).order_by("pk"))
        self._filterings = _grouped(Filtering.objects.filter(album__in=ids).order_by("created_at"))
        self._local_ids = dict(
            AlbumLocalId.objects.filter(album__in=ids, user=self._caller).values_list("album_id", "value")
        )
        self._pending = PendingAlbum.objects.in_bulk(ids)
        self._filtered = count_filtered(self._caller, ids) if self._caller else {}
        self._load_photos(ids, photos_after)

    def _load_photos(self, ids: list[UUID], after: UUID | None) -> None:
        """The photos as JSON, by album and uploader: as objects, thousands would take ten times the memory."""
        self._photos: dict[tuple[UUID | None, UUID], bytearray] = defaultdict(bytearray)
        self._photos_next = None
        if not self._with_photos:
            return
        found = Photo.objects.alive().filter(album__in=ids).order_by("pk")
        found = found.filter(pk__gt=after) if after else found
        keys = list(found.values_list("pk", "original_id")[: MAX_PHOTOS + 1])
        if len(keys) > MAX_PHOTOS:
            keys.pop()
            self._photos_next = str(keys[-1][0])
        if not keys:
            return
        seen = PhotosSeenBy(self._caller, keys, self._request)
        shown = found.filter(pk__lte=keys[-1][0]).select_related("original").defer(*UNSHOWN)
        for photo in shown.iterator(chunk_size=CHUNK):
            self._photos[photo.album_id, photo.uploader_id] += b"," + as_json(seen.in_album(photo))

    def fields(self, album: Album) -> dict[str, Any]:
        """The album with its people and photos."""
        invitations = self._invitations[album.pk]
        return {
            **self.plain_fields(album),
            "pending_phones": [national_format(row.phone) for row in invitations if row.claimed_by is None],
            "total_filtered": self._filtered.get(album.pk, 0),
            "users": self._users(album, invitations),
            "photos_next": self._photos_next,
        }

    def plain_fields(self, album: Album) -> dict[str, Any]:
        invitations = self._invitations[album.pk]
        filterings = self._filterings[album.pk]
        owner = album.owner
        return {
            "_id": str(album.pk),
            "name": album.name,
            "owner_id": str(owner.pk),
            "owner_name": owner.name or None,
            "owner": {"_id": str(owner.pk), "name": owner.name or None, "pic_url": owner.pic_url or None},
            "created_at": timestamp(album.created_at),
            "updated_at": timestamp(album.updated_at),
            "deleted": album.deleted_at is not None,
            "invited_phones": list(dict.fromkeys(row.phone for row in invitations)),
            "users_viewed": [str(view.user_id) for view in self._views[album.pk]],
            "times_filtered": [timestamp(filtering.created_at) for filtering in filterings],
            "ever_filtered": bool(filterings),
            "album_local_id": self._local_ids.get(album.pk),
            "processing": self._processing(album),
        }

    def _users(self, album: Album, invitations: list[Invitation]) -> list[dict[str, Any]]:
        """The members in the order of their invitations, the owner last, each with their photos, oldest first."""
        guests = {row.claimed_by.pk: row.claimed_by for row in invitations if row.claimed_by}
        guests.pop(album.owner_id, None)
        members = [*guests.values(), album.owner]
        return [
            {
                **user_to_others(member, is_owner=member == album.owner),
                "photos": as_list(self._photos.pop((album.pk, member.pk), bytearray())),
            }
            for member in members
        ]

    def _processing(self, album: Album) -> dict[str, Any]:
        progress = self._progress.get(album.pk, Progress())
        return {
            "state": self._state(album, progress),
            "photos_total": progress.total,
            "photos_done": progress.done,
            "photos_failed": progress.failed,
        }

    def _state(self, album: Album, progress: Progress) -> str:
        row = self._pending.get(album.pk)
        state = album_state(
            row.state if row else None,
            unfinished=progress.unfinished,
            processing=progress.processing,
            decided=bool(self._filterings[album.pk]),
        )
        # Clients need not know who decides.
        return (AlbumState.RUNNING if state == AlbumState.TAKEN_OUTSIDE else state).value


def _grouped(rows: Any) -> dict[UUID, list[Any]]:
    """Rows by their album."""
    groups: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        groups[row.album_id].append(row)
    return groups
