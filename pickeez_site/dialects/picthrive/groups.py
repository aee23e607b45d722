"""Groups, which are albums, and their photos: their members' view, the public view, and uploads."""

from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from msgspec import UNSET, UnsetType
from rest_framework.permissions import BasePermission

from accounts.models import User
from accounts.services import Credential, note_wrong_guess
from albums import services
from albums.models import Album
from albums.selectors import album_by_token
from photos.models import Photo
from photos.services import add_slots, mark_uploading
from pickeez_site.dialects.picthrive import wire
from pickeez_site.dialects.picthrive.dialect import PUBLIC_VIEW, PicThriveViewSet, operation
from pickeez_site.dialects.picthrive.wire import Name, NewName, NextId, When
from pickeez_site.dialects.viewsets import SignedIn
from pickeez_site.dialects.wire import SentId
from pickeez_site.dialects.wire.values import is_storable, parse_id
from pickeez_site.serving.proxies import client_address
from pickeez_site.serving.uploads import upload_url

Row = TypeVar("Row", bound=Model)


class GroupViewSet(PicThriveViewSet):
    """Whoever reads a group may give it its Token."""

    section = "Groups"

    @operation(
        "The caller's groups", answer=f"At most {wire.MAX_GROUPS}, and Next when there are more.", changes=True
    )
    def mine(self, *, after: NextId = "") -> wire.Groups:
        """Own ones and those that the caller was invited to, the newest first."""
        albums = Album.objects.visible_to(self.caller).order_by("-pk")
        if after:
            albums = albums.filter(pk__lt=parse_id(after))
        page, following = _first(albums, wire.MAX_GROUPS)
        return wire.Groups(groups=wire.groups_of(page), next=following)

    @operation("Creates a group", answer="The group.", status=201)
    def create(self, *, name: NewName = "", when_unix: When = None) -> wire.Group:
        return _one(services.create_album(owner=self.caller, name=name or "", event_at=wire.time_of(when_unix)))

    @operation("A group", answer="The group.", changes=True)
    def retrieve(self, group_id: SentId) -> wire.Group:
        """Also a deleted one, to its owner, until it is purged."""
        return _one(self._also_deleted(group_id))

    @operation("Changes a group's name or time", answer="The group.", errors=[403])
    def update(
        self, group_id: SentId, *, name: Name | UnsetType = UNSET, when_unix: When | UnsetType = UNSET
    ) -> wire.Group:
        """For its owner. What is not given stays; a WhenUnix of null is taken away."""
        album = self.group(group_id)
        if album.owner_id != self.caller.pk:
            raise PermissionDenied("Only the group's owner may change it.")
        services.set_name_and_date(
            album=album,
            name=album.name if name is UNSET else name,
            event_at=album.event_at if when_unix is UNSET else wire.time_of(when_unix),
        )
        return _one(album)

    @operation("Deletes a group", answer="It is deleted.", errors=[403])
    def trash(self, group_id: SentId) -> None:
        """For its owner. Its photos are deleted with it, and purged 30 days later. It may be repeated."""
        album = self._also_deleted(group_id)
        if album.owner_id != self.caller.pk:
            raise PermissionDenied("Only the group's owner may delete it.")
        services.delete_album(album=album)

    @operation("Notes that an upload is going on", answer="The group.")
    def upload_status(self, group_id: SentId) -> wire.Group:
        """Files that have arrived in a bucket are looked for at once."""
        album = self.group(group_id)
        mark_uploading(album=album)
        return _one(album)

    def _also_deleted(self, group_id: str) -> Album:
        """The group, if the caller may see it or has deleted it."""
        visible = Album.objects.visible_to(self.caller).filter(pk=parse_id(group_id)).first()
        return visible or Album.objects.get(pk=parse_id(group_id), owner=self.caller)


def _one(album: Album) -> wire.Group:
    (group,) = wire.groups_of([album])
    return group


class GroupPhotoViewSet(PicThriveViewSet):
    section = "A group's photos"

    def get_permissions(self) -> list[BasePermission]:
        return [] if self.action == "list" else [SignedIn()]

    @operation(
        "A group's photos, or its public view",
        answer=f"At most {wire.MAX_PHOTOS} photos, and Next when there are more.",
        security=PUBLIC_VIEW,
    )
    def list(self, group_id: SentId, *, after: NextId = "") -> wire.Photos | wire.PublicPhotos:
        """In SortOrder. Members get Photos; whoever else has the group's Token gets Public."""
        token, user = self.request.query_params.get("Token", ""), self.request.user
        own = None
        if isinstance(user, User):
            own = Album.objects.visible_to(user).filter(pk=parse_id(group_id)).first()
        if own or not token:
            page, following = _photos(own or self.group(group_id), after)
            return wire.Photos(photos=wire.photos_of(page, wire.Photo), next=following)
        try:
            album = album_by_token(album_id=parse_id(group_id), token=token if is_storable(token) else "")
        except Album.DoesNotExist:
            note_wrong_guess(credential=Credential.LINK, address=client_address(self.request))
            raise
        page, following = _photos(album, after)
        return wire.PublicPhotos(public=wire.photos_of(page, wire.PublicPhoto), next=following)

    @operation(
        "Leave to upload photos",
        answer="The URLs, in the order in which their photos will be sorted.",
        description="Each UploadUrl takes one file by PUT, without a token, for "
        f"{settings.UPLOAD_SLOT_SECONDS // 3600} hours. The photo exists once its file has arrived.",
        errors=[403],
    )
    def add(
        self,
        group_id: SentId,
        *,
        add_photos: wire.SlotCount,
        content_type: wire.TypeOfAll = None,
        size: wire.SizeOfEach = None,
    ) -> wire.AddedPhotos:
        slots = add_slots(
            album=self.group(group_id),
            user=self.caller,
            number=add_photos,
            content_type=content_type or "",
            max_bytes=size,
        )
        exact = size is not None
        return wire.AddedPhotos(
            added_photos=[wire.AddedPhoto.of(slot, upload_url(slot, exact_size=exact)) for slot in slots]
        )


def _photos(album: Album, after: str) -> tuple[list[Photo], UUID | UnsetType]:
    """The group's photos after that one, in their order, and where to go on when there are more."""
    photos = Photo.objects.alive().filter(album=album).select_related("original")
    if after:
        last = Photo.objects.get(album=album, pk=parse_id(after))
        photos = photos.filter(Q(sort_order__gt=last.sort_order) | Q(sort_order=last.sort_order, pk__gt=last.pk))
    page, following = _first(photos.order_by("sort_order", "pk"), wire.MAX_PHOTOS)
    for photo in page:
        photo.album = album
    return page, following


def _first(rows: QuerySet[Row], limit: int) -> tuple[list[Row], UUID | UnsetType]:
    """The rows of one answer, and the id of the last where there are more."""
    found = list(rows[: limit + 1])
    return found[:limit], found[limit - 1].pk if len(found) > limit else UNSET
