"""Archives of a group's pictures."""

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from albums.models import Album
from photos.models import ORIGINAL, Photo, Rendition, Zip
from photos.services import Wanted, request_zip
from pickeez_site.dialects.picthrive.members import BadMember, Members
from pickeez_site.dialects.picthrive.serializers import zip_fields
from pickeez_site.dialects.picthrive.viewsets import PicThriveViewSet
from pickeez_site.dialects.wire.values import parse_id
from pickeez_site.serving.media import named_by

MAX_FILES = 5000
MAX_SUFFIX = 2000


class ZipViewSet(PicThriveViewSet):
    def create(self, request: Request, group_id: str) -> Response:
        album = self.group(group_id)
        files = self.members.objects("Photos", maximum=MAX_FILES)
        name = self.members.text("Name") or album.name
        named = [_named(file) for file in files]
        photos = self._photos(album, {photo_id for photo_id, _, _ in named})
        pictures = [Wanted(photos[photo_id], kind, file_name) for photo_id, kind, file_name in named]
        archive = request_zip(album=album, user=self.caller, name=name, pictures=pictures)
        return Response({"Status": settings.PUBLIC_URL + reverse("picthrive-zip", args=[archive.pk])})

    def _photos(self, album: Album, ids: set[UUID]) -> dict[UUID, Photo]:
        """The photos of the group; one that is not there, or not there for the caller, is refused."""
        visible = Photo.objects.visible_to(self.caller).filter(album=album).select_related("original")
        photos = visible.in_bulk(list(ids))
        if len(photos) < len(ids):
            raise Photo.DoesNotExist
        return photos

    def status(self, request: Request, zip_id: str) -> Response:
        current = Zip.objects.filter(user=self.caller, expires_at__gt=timezone.now())
        return Response(zip_fields(current.get(pk=parse_id(zip_id))))


def _named(file: Members) -> tuple[UUID, str, str]:
    """The photo, the kind of picture and the name in the archive that an item of `Photos` names."""
    file.word("Region", [settings.REGION_NAME])
    named = named_by(file.required("File", max_length=MAX_SUFFIX))
    if named is None or named[1] not in (ORIGINAL, *Rendition.Kind.values):
        raise BadMember("File must be the URL suffix of a photo.")
    return *named, file.text("FileName")
