"""Albums: shared by phone number, each member sees who is on the photos."""

from django.core.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from albums import services
from albums.models import Album, Invitation
from faces.member_view import MAX_ALBUMS, album_seen, albums_seen
from pickeez_site.dialects.pickeez.viewsets import PickeezViewSet
from pickeez_site.dialects.pickeez.wire import Album as AnsweredAlbum
from pickeez_site.dialects.pickeez.wire import Albums
from pickeez_site.dialects.wire.values import parse_id


class AlbumViewSet(PickeezViewSet):
    def create(self, request: Request) -> Response:
        album = services.create_album(
            owner=self.caller,
            name=self.parameters.text("name") or "",
            local_id=self.parameters.text("album_local_id") or "",
        )
        return Response({"_id": str(album.pk), "album_id": str(album.pk)})

    def mine(self, request: Request) -> Response:
        limit = self.parameters.integer("limit", minimum=1, maximum=MAX_ALBUMS) or MAX_ALBUMS
        before = self.parameters.id("before")
        with_photos = self.parameters.text("photos") is None or self.parameters.boolean("photos")
        page = albums_seen(self.caller, before=before, limit=limit, with_photos=with_photos)
        return Response(Albums.of(page, self.media))

    def retrieve(self, request: Request, album_id: str) -> Response:
        album = self._album(album_id)
        return self._answer(album)

    def update(self, request: Request, album_id: str) -> Response:
        if self.parameters.boolean("deleted"):
            return self.trash(request, album_id)
        album = self._own(album_id)
        local_id, other = self.parameters.text("album_local_id"), self.parameters.text("local_album_id")
        services.update_album(
            album=album,
            user=self.caller,
            name=self.parameters.text("name"),
            local_id=other if local_id is None else local_id,
        )
        return self._answer(album)

    def set_local_id(self, request: Request, album_id: str) -> Response:
        value = self.parameters.given("album_local_id")
        services.set_local_id(album=self._album(album_id), user=self.caller, value=value)
        return Response({"msg": "ok"})

    def viewed(self, request: Request, album_id: str) -> Response:
        services.mark_viewed(album=self._album(album_id), user=self.caller)
        return Response({"msg": "ok"})

    def trash(self, request: Request, album_id: str) -> Response:
        album = self._own(album_id, also_deleted=True)
        services.delete_album(album=album)
        return self._answer(album)

    def invite_phones(self, request: Request, album_id: str) -> Response:
        album = self._album(album_id)
        phones = self.parameters.phones(self.caller)
        remove = self.parameters.boolean("remove")
        if album.owner_id != self.caller.pk:
            self._leave(album, phones, remove)
        elif remove:
            services.uninvite_phones(album=album, phones=phones)
        else:
            services.invite_phones(album=album, phones=phones)
        listed = Invitation.objects.live().filter(album=album).order_by("pk").values_list("phone", flat=True)
        return Response({"updated_album_phones": list(dict.fromkeys(listed)), "link_id": str(album.pk)})

    def _leave(self, album: Album, phones: list[str], remove: bool) -> None:
        if not remove or set(phones) != {self.caller.verified_phone}:
            raise PermissionDenied("Only the album's owner may change who is invited.")
        services.leave_album(album=album, user=self.caller)

    def done_uploading(self, request: Request, album_id: str) -> Response:
        services.mark_done_uploading(album=self._album(album_id), user=self.caller)
        return Response({"msg": "updated done uploading"})

    def _answer(self, album: Album) -> Response:
        after = self.parameters.id("photos_after")
        return Response(AnsweredAlbum.of(album_seen(album, self.caller, photos_after=after), self.media))

    def _own(self, album_id: str, *, also_deleted: bool = False) -> Album:
        """The caller's own album; also one that they deleted, where deleting may be repeated."""
        mine = Album.objects.filter(owner=self.caller).select_related("owner")
        if also_deleted and (album := mine.filter(pk=parse_id(album_id)).first()):
            return album
        album = self._album(album_id)
        if album.owner_id != self.caller.pk:
            raise PermissionDenied("Only the album's owner may do this.")
        return album

    def _album(self, album_id: str) -> Album:
        """The album, if the caller may see it; an unknown one and somebody else's are equally not there."""
        albums = Album.objects.visible_to(self.caller).select_related("owner")
        return albums.get(pk=parse_id(album_id))
