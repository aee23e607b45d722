"""Pickeez's objects. Lists are read in a constant number of queries, however many albums and photos they hold."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework.request import Request

from accounts.models import User
from accounts.phones import national_format
from albums.models import Album, AlbumLocalId, AlbumView, Filtering, Invitation, PendingAlbum
from faces.models import Selfie, Sighting
from faces.selectors import boxes_of, count_filtered, photos_showing, sightings_on
from photos.models import Like, Photo
from photos.selectors import Progress, likes_by, likes_on, local_ids_of, progress_of, renditions_of
from pickeez_site.media import ORIGINAL, media_path

MAX_PHOTOS = 5000


def timestamp(time: datetime | None) -> str | None:
    """UTC, ISO 8601."""
    return time.isoformat().replace("+00:00", "Z") if time else None


def _id(value: UUID | None) -> str | None:
    return str(value) if value else None


def user_to_itself(user: User) -> dict[str, Any]:
    return {
        "_id": str(user.pk),
        "name": user.name or None,
        "email": user.email or None,
        "pic_url": user.pic_url or None,
        "fb_id": user.fb_id,
        "phone": user.phone or None,
        "verified_phone": user.verified_phone,
        "send_push_notifs": user.send_push_notifs,
        "push_notif_token": user.push_notif_token or None,
        "created_at": timestamp(user.created_at),
        "updated_at": timestamp(user.updated_at),
    }


def user_to_others(user: User, *, is_owner: bool) -> dict[str, Any]:
    return {
        "_id": str(user.pk),
        "fb_id": user.fb_id,
        "name": user.name or None,
        "pic_url": user.pic_url or None,
        "phone": user.phone or None,
        "verified_phone": user.verified_phone,
        "is_owner": is_owner,
    }


def selfie_fields(selfie: Selfie) -> dict[str, Any]:
    return {
        "_id": str(selfie.pk),
        "faces": selfie.num_faces,
        "taken": selfie.status == Selfie.Status.TAKEN,
        "status": selfie.status,
        "error": selfie.error or None,
        "created_at": timestamp(selfie.created_at),
    }


class PhotosSeenBy:
    """Photos as one user sees them."""

    def __init__(self, caller: User, photos: Sequence[Photo], request: Request) -> None:
        ids = [photo.pk for photo in photos]
        originals = {photo.original_id for photo in photos}
        self._base = request.build_absolute_uri("/").rstrip("/")
        self._renditions = renditions_of(originals)
        self._boxes = boxes_of(originals)
        self._local_ids = local_ids_of(caller, ids)
        self._likes = likes_by(caller, ids)
        self._showing_caller = photos_showing(caller, ids)

    def _fields(self, photo: Photo) -> dict[str, Any]:
        original = photo.original
        boxes = self._boxes.get(original.pk, [])
        return {
            "_id": str(photo.pk),
            "album_id": _id(photo.album_id),
            "owner_id": str(photo.owner_id),
            "s3_path": photo.s3_path,
            "s3_server_id": photo.s3_server_id or None,
            "url": self._url(photo, ORIGINAL),
            "renditions": {
                kind: {"url": self._url(photo, kind), "width": width, "height": height}
                for kind, width, height in self._renditions.get(original.pk, [])
            },
            "photo_creation_date": photo.photo_creation_date or timestamp(original.taken_at),
            "local_creation_date": photo.local_creation_date or None,
            "photo_local_id": self._local_ids.get(photo.pk),
            "num_faces": self._num_faces(photo, len(boxes)),
            "rectangles": boxes if photo.rectangles is None else photo.rectangles,
            "detected_data": photo.detected_data,
            "created_at": timestamp(photo.created_at),
            "updated_at": timestamp(max(photo.updated_at, original.updated_at)),
            "status": original.status,
            "error": original.error or None,
        }

    def _url(self, photo: Photo, kind: str) -> str:
        return self._base + media_path(photo, kind)

    def _num_faces(self, photo: Photo, found: int) -> int | None:
        """What the client said, or else what was found; null while nobody has looked."""
        if photo.rectangles is not None:
            return len(photo.rectangles)
        if photo.num_faces is not None:
            return photo.num_faces
        return found if photo.original.status == photo.original.Status.READY else None

    def in_album(self, photo: Photo) -> dict[str, Any]:
        """The photo inside an album, with what it is to the caller."""
        like = self._likes.get(photo.pk)
        return {
            **self._fields(photo),
            "manually_filtered": like == Like.Kind.LIKE,
            "manually_unfiltered": like == Like.Kind.DISLIKE,
            "computed": photo.pk in self._showing_caller,
        }

    def alone(self, photo: Photo) -> dict[str, Any]:
        """The photo by itself, with what everybody thinks of it and whom it shows."""
        sightings = sightings_on([photo.pk])[photo.pk]
        by_algorithm = [sighting for sighting in sightings if sighting.by == Sighting.By.ALGORITHM]
        return {
            **self._fields(photo),
            "filters": {str(like.user_id): like.kind for like in likes_on([photo.pk])[photo.pk]},
            "computed_filters": [str(sighting.user_id) for sighting in sightings if sighting.shows],
            "algo_decision": {str(sighting.user_id): sighting.shows for sighting in by_algorithm},
        }


class AlbumsSeenBy:
    """Albums as one of their members sees them, with their people and photos.

    `albums` may be longer than `limit`, or hold more photos than one answer takes: the rest is left for the next
    page, which `next_before` begins. A single album's photos are paged by `photos_after` and `photos_next`.
    """

    def __init__(
        self,
        caller: User,
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
        self._filtered = count_filtered(self._caller, ids)
        self._load_photos(ids, photos_after)

    def _load_photos(self, ids: list[UUID], after: UUID | None) -> None:
        photos: list[Photo] = []
        if self._with_photos:
            found = Photo.objects.alive().filter(album__in=ids).select_related("original").order_by("pk")
            photos = list((found.filter(pk__gt=after) if after else found)[: MAX_PHOTOS + 1])
        self._photos_next = str(photos[MAX_PHOTOS - 1].pk) if len(photos) > MAX_PHOTOS else None
        self._photos = _grouped(photos[:MAX_PHOTOS])
        self._seen = PhotosSeenBy(self._caller, photos[:MAX_PHOTOS], self._request)

    def fields(self, album: Album) -> dict[str, Any]:
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
            "pending_phones": [national_format(row.phone) for row in invitations if row.claimed_by is None],
            "users_viewed": [str(view.user_id) for view in self._views[album.pk]],
            "times_filtered": [timestamp(filtering.created_at) for filtering in filterings],
            "ever_filtered": bool(filterings),
            "album_local_id": self._local_ids.get(album.pk),
            "processing": self._processing(album),
            "total_filtered": self._filtered.get(album.pk, 0),
            "users": self._users(album, invitations),
            "photos_next": self._photos_next,
        }

    def _users(self, album: Album, invitations: list[Invitation]) -> list[dict[str, Any]]:
        """The members in the order of their invitations, the owner last, each with their photos, oldest first."""
        by_uploader: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        for photo in self._photos[album.pk]:
            by_uploader[photo.uploader_id].append(self._seen.in_album(photo))
        guests = {row.claimed_by.pk: row.claimed_by for row in invitations if row.claimed_by}
        guests.pop(album.owner_id, None)
        members = [*guests.values(), album.owner]
        return [
            {**user_to_others(member, is_owner=member == album.owner), "photos": by_uploader[member.pk]}
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
        pending = self._pending.get(album.pk)
        last_filtered = self._filterings[album.pk][-1].created_at if self._filterings[album.pk] else None
        if pending and pending.claimed_at and last_filtered and last_filtered > pending.claimed_at:
            pending = None  # an outside algorithm has answered; its claim stays, so that it is not asked again
        if progress.processing or (pending and pending.claim):
            return "running"
        if progress.unfinished or pending:
            return "queued"
        return "done" if last_filtered else "idle"


def _grouped(rows: Any) -> dict[UUID, list[Any]]:
    """Rows by their album."""
    groups: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        groups[row.album_id].append(row)
    return groups
