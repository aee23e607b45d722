"""A group's photos: its members' view, the public view, and uploads into it."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from msgspec import UNSET, UnsetType
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User
from albums.models import Album
from albums.selectors import album_by_token
from photos.models import Photo as StoredPhoto
from photos.services import add_slots
from pickeez_site.dialects.picthrive import example_objects as examples
from pickeez_site.dialects.picthrive.dialect import PUBLIC_VIEW
from pickeez_site.dialects.picthrive.viewsets import GroupId, PicThriveViewSet
from pickeez_site.dialects.picthrive.wire.photos import (
    MAX_PHOTOS,
    AddedPhoto,
    AddedPhotos,
    Photo,
    Photos,
    PhotosToAdd,
    PublicPhoto,
    PublicPhotos,
    photos_of,
)
from pickeez_site.dialects.picthrive.wire.values import After, unix
from pickeez_site.dialects.viewsets import SignedIn, operation
from pickeez_site.dialects.wire.values import is_storable, parse_id
from pickeez_site.serving.uploads import upload_url


class GroupPhotoViewSet(PicThriveViewSet):
    section = "A group's photos"

    def get_permissions(self) -> list[BasePermission]:
        return [] if self.action == "list" else [SignedIn()]

    @operation(
        "A group's photos, or its public view",
        answer=f"At most {MAX_PHOTOS} photos, and Next when there are more.",
        answer_examples={"members": {"Photos": [examples.PHOTO]}, "public": {"Public": [examples.PUBLIC_PHOTO]}},
        errors=[404],
        security=PUBLIC_VIEW,
    )
    def list(self, request: Request, group_id: GroupId, asked: After) -> Photos | PublicPhotos:
        """In SortOrder. Members get Photos; whoever else has the group's Token gets Public."""
        token = request.query_params.get("Token", "")
        if isinstance(request.user, User):
            mine = Album.objects.visible_to(request.user).filter(pk=parse_id(group_id)).first()
            if mine or not token:
                page, following = _page(mine or self.group(group_id), asked.after)
                return Photos(photos=photos_of(page, Photo), next=following)
        elif not token:
            raise NotAuthenticated(self.dialect.no_user)
        album = album_by_token(album_id=parse_id(group_id), token=token if is_storable(token) else "")
        page, following = _page(album, asked.after)
        return PublicPhotos(public=photos_of(page, PublicPhoto), next=following)

    @operation(
        "Leave to upload photos",
        answer="The URLs, in the order in which their photos will be sorted.",
        answer_example={"AddedPhotos": [examples.ADDED_PHOTO]},
        errors=[404],
        examples={
            "two": {"AddPhotos": 2},
            "announced": {"AddPhotos": 1, "ContentType": "image/jpeg", "Size": 2_000_000},
        },
        description="Each UploadUrl takes one file by PUT, without a token, for "
        f"{settings.UPLOAD_SLOT_SECONDS // 3600} hours. The photo exists once its file has arrived.",
    )
    def add(self, request: Request, group_id: GroupId, asked: PhotosToAdd) -> AddedPhotos:
        slots = add_slots(
            album=self.group(group_id),
            user=self.caller,
            number=asked.add_photos,
            content_type=asked.content_type or "",
            max_bytes=asked.size,
        )
        added = [
            AddedPhoto(
                photo_id=slot.pk,
                upload_url=upload_url(slot, exact_size=asked.size is not None),
                expires=unix(slot.expires_at),
            )
            for slot in slots
        ]
        return AddedPhotos(added_photos=added)


def _page(album: Album, after: str) -> tuple[Sequence[StoredPhoto], UUID | UnsetType]:
    """The group's photos after that one, in their order, and where to go on when there are more."""
    photos = StoredPhoto.objects.alive().filter(album=album).select_related("original")
    if after:
        last = StoredPhoto.objects.get(album=album, pk=parse_id(after))
        photos = photos.filter(Q(sort_order__gt=last.sort_order) | Q(sort_order=last.sort_order, pk__gt=last.pk))
    found = [*photos.order_by("sort_order", "pk")[: MAX_PHOTOS + 1]]
    page = found[:MAX_PHOTOS]
    for photo in page:
        photo.album = album
    return page, page[-1].pk if len(found) > len(page) else UNSET
