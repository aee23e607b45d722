"""Groups: albums, as shops know them."""

from django.core.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from albums import services
from albums.models import Album
from photos.services import note_uploading
from pickeez_site.dialects.picthrive.members import BadMember
from pickeez_site.dialects.picthrive.serializers import GroupsSeen
from pickeez_site.dialects.picthrive.viewsets import PicThriveViewSet
from pickeez_site.dialects.wire.values import parse_id

MAX_GROUPS = 1000


class GroupViewSet(PicThriveViewSet):
    def mine(self, request: Request) -> Response:
        """The caller's groups, the newest first; `Next` is what to ask for with `After` when there are more."""
        albums = Album.objects.visible_to(self.caller).order_by("-pk")
        if after := request.query_params.get("After"):
            albums = albums.filter(pk__lt=parse_id(after))
        found = list(albums[: MAX_GROUPS + 1])
        page = found[:MAX_GROUPS]
        more = {"Next": str(page[-1].pk)} if len(found) > len(page) else {}
        seen = GroupsSeen(page)
        return Response({"Groups": [seen.fields(album) for album in page], **more})

    def create(self, request: Request) -> Response:
        name, event_at = self.members.required("Name"), self.members.time("WhenUnix")
        return self._answer(services.create_album(owner=self.caller, name=name, event_at=event_at))

    def retrieve(self, request: Request, group_id: str) -> Response:
        visible = Album.objects.visible_to(self.caller).filter(pk=parse_id(group_id)).first()
        return self._answer(visible or self._own(group_id))

    def update(self, request: Request, group_id: str) -> Response:
        album = self.group(group_id)
        if album.owner_id != self.caller.pk:
            raise PermissionDenied("Only the group's owner may change it.")
        name = self.members.text("Name")
        if "Name" in self.members and not name:
            raise BadMember("Name must not be empty.")
        event_at = self.members.time("WhenUnix")
        services.describe_album(
            album=album,
            name=name or album.name,
            event_at=event_at if "WhenUnix" in self.members else album.event_at,
        )
        return self._answer(album)

    def trash(self, request: Request, group_id: str) -> Response:
        visible = Album.objects.visible_to(self.caller).filter(pk=parse_id(group_id)).first()
        if visible and visible.owner_id != self.caller.pk:
            raise PermissionDenied("Only the group's owner may delete it.")
        services.delete_album(album=visible or self._own(group_id))
        return Response({})

    def upload_status(self, request: Request, group_id: str) -> Response:
        album = self.group(group_id)
        note_uploading(album=album)
        return self._answer(album)

    def _own(self, group_id: str) -> Album:
        """The caller's own group, also when it is deleted."""
        return Album.objects.get(pk=parse_id(group_id), owner=self.caller)

    def _answer(self, album: Album) -> Response:
        return Response(GroupsSeen([album]).fields(album))
