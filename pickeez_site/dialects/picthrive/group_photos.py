"""A group's photos: its members' view, the public view, and uploads into it."""

from typing import Any

from django.conf import settings
from django.db.models import Q
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from albums.models import Album
from albums.selectors import album_by_token
from photos.images import EXTENSIONS
from photos.models import Photo
from photos.services import add_slots
from pickeez_site.dialects.picthrive.authentication import NO_USER, SignedIn
from pickeez_site.dialects.picthrive.members import BadMember
from pickeez_site.dialects.picthrive.serializers import PhotosSeen, unix
from pickeez_site.dialects.picthrive.viewsets import PicThriveViewSet
from pickeez_site.dialects.wire.values import is_storable, parse_id
from pickeez_site.serving.uploads import upload_url

MAX_PHOTOS = 5000
MAX_SLOTS = 100


class GroupPhotoViewSet(PicThriveViewSet):
    def get_permissions(self) -> list[Any]:
        return [] if self.action == "list" else [SignedIn()]

    def list(self, request: Request, group_id: str) -> Response:
        """Members see all; whoever else has the group's token sees what is public."""
        token = request.query_params.get("Token", "")
        if isinstance(request.user, User):
            mine = Album.objects.visible_to(request.user).filter(pk=parse_id(group_id)).first()
            if mine or not token:
                return self._photos(mine or self.group(group_id), "Photos")
        elif not token:
            raise NotAuthenticated(NO_USER)
        album = album_by_token(album_id=parse_id(group_id), token=token if is_storable(token) else "")
        return self._photos(album, "Public")

    def _photos(self, album: Album, member: str) -> Response:
        """The photos in their order; `Next` is what to ask for with `After` when there are more."""
        photos = Photo.objects.alive().filter(album=album).select_related("original")
        if after := self.request.query_params.get("After"):
            last = Photo.objects.get(album=album, pk=parse_id(after))
            photos = photos.filter(
                Q(sort_order__gt=last.sort_order) | Q(sort_order=last.sort_order, pk__gt=last.pk)
            )
        found = list(photos.order_by("sort_order", "pk")[: MAX_PHOTOS + 1])
        page = found[:MAX_PHOTOS]
        for photo in page:
            photo.album = album
        seen = PhotosSeen(page, public=member == "Public")
        more = {"Next": str(page[-1].pk)} if len(found) > len(page) else {}
        return Response({member: [seen.fields(photo) for photo in page], **more})

    def add(self, request: Request, group_id: str) -> Response:
        """Leave to upload photos by PUT. `ContentType` and `Size` may be given, and become part of the URLs."""
        album = self.group(group_id)
        number = self.members.integer("AddPhotos", minimum=1, maximum=MAX_SLOTS)
        if number is None:
            raise BadMember("AddPhotos is missing.")
        content_type = self.members.word("ContentType", EXTENSIONS)
        size = self.members.integer("Size", minimum=1, maximum=settings.MAX_PHOTO_BYTES)
        slots = add_slots(album=album, user=self.caller, number=number, content_type=content_type, max_bytes=size)
        added = [
            {
                "PhotoId": str(slot.pk),
                "UploadUrl": upload_url(slot, exact_size=size is not None),
                "Expires": unix(slot.expires_at),
            }
            for slot in slots
        ]
        return Response({"AddedPhotos": added})
