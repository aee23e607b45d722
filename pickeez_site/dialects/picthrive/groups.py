"""Groups, which are albums, and their photos: their members' view, the public view, and uploads."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from msgspec import UNSET, UnsetType
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User
from albums import services
from albums.models import Album
from albums.selectors import album_by_token
from photos.models import Photo
from photos.services import add_slots, mark_uploading
from pickeez_site.dialects.picthrive import example_objects as examples
from pickeez_site.dialects.picthrive import wire
from pickeez_site.dialects.picthrive.dialect import PUBLIC_VIEW
from pickeez_site.dialects.picthrive.viewsets import GroupId, PicThriveViewSet
from pickeez_site.dialects.viewsets import Answer, SignedIn, operation
from pickeez_site.dialects.wire.values import is_storable, parse_id
from pickeez_site.serving.uploads import upload_url

THE_GROUP = Answer("The group.", example=examples.GROUP)
NEW_GROUP = {"Name": "Summer", "WhenUnix": examples.GROUP["WhenUnix"]}
ANNOUNCED = {"AddPhotos": 1, "ContentType": "image/jpeg", "Size": 2_000_000}


class GroupViewSet(PicThriveViewSet):
    section = "Groups"

    @operation(
        "The caller's groups",
        answer=f"At most {wire.MAX_GROUPS} groups, and Next when there are more.",
        answer_example={"Groups": [examples.GROUP]},
    )
    def mine(self, request: Request, asked: wire.After) -> wire.Groups:
        """Own ones and those that the caller was invited to, the newest first."""
        albums = Album.objects.visible_to(self.caller).order_by("-pk")
        if asked.after:
            albums = albums.filter(pk__lt=parse_id(asked.after))
        found = list(albums[: wire.MAX_GROUPS + 1])
        page = found[: wire.MAX_GROUPS]
        return wire.Groups(groups=wire.groups_of(page), next=page[-1].pk if len(found) > len(page) else UNSET)

    @operation("Creates a group", answer=THE_GROUP, example=NEW_GROUP)
    def create(self, request: Request, asked: wire.NewGroup) -> wire.Group:
        event_at = wire.time_of(asked.when_unix)
        return _one(services.create_album(owner=self.caller, name=asked.name, event_at=event_at))

    @operation("A group", answer=THE_GROUP)
    def retrieve(self, request: Request, group_id: GroupId) -> wire.Group:
        """Also a deleted one, to its owner, until it is purged."""
        return _one(self._also_deleted(group_id))

    @operation("Changes a group's name or time", answer=THE_GROUP, errors=[403], example={"Name": "Autumn"})
    def update(self, request: Request, group_id: GroupId, asked: wire.GroupChange) -> wire.Group:
        """For its owner. What is not given stays; a WhenUnix of null is taken away."""
        album = self.group(group_id)
        if album.owner_id != self.caller.pk:
            raise PermissionDenied("Only the group's owner may change it.")
        services.set_name_and_date(
            album=album,
            name=album.name if asked.name is UNSET else asked.name,
            event_at=album.event_at if asked.when_unix is UNSET else wire.time_of(asked.when_unix),
        )
        return _one(album)

    @operation("Deletes a group", answer="It is deleted.", errors=[403])
    def trash(self, request: Request, group_id: GroupId) -> None:
        """For its owner. Its photos are deleted with it, and purged 30 days later. It may be repeated."""
        album = self._also_deleted(group_id)
        if album.owner_id != self.caller.pk:
            raise PermissionDenied("Only the group's owner may delete it.")
        services.delete_album(album=album)

    @operation("Notes that an upload is going on", answer=THE_GROUP)
    def upload_status(self, request: Request, group_id: GroupId) -> wire.Group:
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
        answer=Answer(
            f"At most {wire.MAX_PHOTOS} photos, and Next when there are more.",
            examples={"members": {"Photos": [examples.PHOTO]}, "public": {"Public": [examples.PUBLIC_PHOTO]}},
        ),
        security=PUBLIC_VIEW,
    )
    def list(self, request: Request, group_id: GroupId, asked: wire.After) -> wire.Photos | wire.PublicPhotos:
        """In SortOrder. Members get Photos; whoever else has the group's Token gets Public."""
        token = request.query_params.get("Token", "")
        mine = None
        if isinstance(request.user, User):
            mine = Album.objects.visible_to(request.user).filter(pk=parse_id(group_id)).first()
        if mine or not token:
            page, following = _page(mine or self.group(group_id), asked.after)
            return wire.Photos(photos=wire.photos_of(page, wire.Photo), next=following)
        album = album_by_token(album_id=parse_id(group_id), token=token if is_storable(token) else "")
        page, following = _page(album, asked.after)
        return wire.PublicPhotos(public=wire.photos_of(page, wire.PublicPhoto), next=following)

    @operation(
        "Leave to upload photos",
        answer="The URLs, in the order in which their photos will be sorted.",
        answer_example={"AddedPhotos": [examples.ADDED_PHOTO]},
        examples={"two": {"AddPhotos": 2}, "announced": ANNOUNCED},
        description="Each UploadUrl takes one file by PUT, without a token, for "
        f"{settings.UPLOAD_SLOT_SECONDS // 3600} hours. The photo exists once its file has arrived.",
    )
    def add(self, request: Request, group_id: GroupId, asked: wire.PhotosToAdd) -> wire.AddedPhotos:
        slots = add_slots(
            album=self.group(group_id),
            user=self.caller,
            number=asked.add_photos,
            content_type=asked.content_type or "",
            max_bytes=asked.size,
        )
        exact = asked.size is not None
        added = [
            wire.AddedPhoto(
                photo_id=slot.pk, upload_url=upload_url(slot, exact_size=exact), expires=wire.unix(slot.expires_at)
            )
            for slot in slots
        ]
        return wire.AddedPhotos(added_photos=added)


def _page(album: Album, after: str) -> tuple[Sequence[Photo], UUID | UnsetType]:
    """The group's photos after that one, in their order, and where to go on when there are more."""
    photos = Photo.objects.alive().filter(album=album).select_related("original")
    if after:
        last = Photo.objects.get(album=album, pk=parse_id(after))
        photos = photos.filter(Q(sort_order__gt=last.sort_order) | Q(sort_order=last.sort_order, pk__gt=last.pk))
    found = [*photos.order_by("sort_order", "pk")[: wire.MAX_PHOTOS + 1]]
    page = found[: wire.MAX_PHOTOS]
    for photo in page:
        photo.album = album
    return page, page[-1].pk if len(found) > len(page) else UNSET
