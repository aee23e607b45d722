"""Albums: the caller's own, by name."""

from itertools import accumulate

from rest_framework.request import Request
from rest_framework.response import Response

from albums.models import Album
from albums.services import create_named_album, set_description
from photos.image_paths import album_photos_at, paths_in_albums, photo_counts
from photos.services import add_images, erase_album, remove_from_album
from pickeez_site.dialects.pictopy.payload import MAX_DESCRIPTION
from pickeez_site.dialects.pictopy.serializers import album_fields, listed_albums
from pickeez_site.dialects.pictopy.viewsets import MAX_ROWS, PictoPyViewSet
from pickeez_site.dialects.wire.values import parse_id


class AlbumViewSet(PictoPyViewSet):
    def create(self, request: Request) -> Response:
        name = self.payload.album_name("name")
        description = self.payload.optional("description", max_length=MAX_DESCRIPTION) or ""
        create_named_album(owner=self.caller, name=name, description=description)
        data = {"album_name": name, "description": description}
        return self.answer(data, f"Album '{name}' created successfully", status=201)

    def erase(self, request: Request) -> Response:
        album = self._album("name")
        erase_album(album=album)
        return self.answer(album.name, f"Album '{album.name}' deleted successfully")

    def add_images(self, request: Request) -> Response:
        album, paths = self._album("album_name"), self.payload.paths()
        add_images(album=album, user=self.caller, paths=paths)
        data = {"album_name": album.name, "paths": paths}
        return self.answer(data, f"Images added to album '{album.name}' successfully", status=201)

    def remove_image(self, request: Request) -> Response:
        album, path = self._album("album_name"), self.payload.path()
        remove_from_album(photos=album_photos_at(album, path))
        data = {"album_name": album.name, "path": path}
        return self.answer(data, f"Image removed from album '{album.name}' successfully")

    def retrieve(self, request: Request) -> Response:
        album = self._album("album_name")
        rows = paths_in_albums([album.pk], after=parse_id(self.payload.after()), limit=MAX_ROWS + 1)
        shown = rows[:MAX_ROWS]
        paths = list(dict.fromkeys(row.path for row in shown))
        following = str(shown[-1].photo_id) if len(rows) > MAX_ROWS else None
        return self.answer(album_fields(album.name, paths), "Successfully retrieved album", next_after=following)

    def describe(self, request: Request) -> Response:
        album = self._album("name")
        description = self.payload.given("description", max_length=MAX_DESCRIPTION)
        set_description(album=album, description=description)
        data = {"album_name": album.name, "new_description": description}
        return self.answer(data, f"Description of album '{album.name}' updated successfully")

    def list(self, request: Request) -> Response:
        albums = Album.objects.alive().filter(owner=self.caller, pk__gt=parse_id(self.payload.after()))
        listed = [*albums.order_by("pk")[: MAX_ROWS + 1]]
        sizes = photo_counts([album.pk for album in listed])
        totals = accumulate(1 + sizes.get(album.pk, 0) for album in listed)
        shown = [album for album, total in zip(listed, totals, strict=True) if total <= MAX_ROWS] or listed[:1]
        rows = paths_in_albums([album.pk for album in shown], limit=MAX_ROWS)
        data = listed_albums(shown, rows)
        following = str(shown[-1].pk) if len(shown) < len(listed) else None
        return self.answer(data, "Successfully retrieved all albums", next_after=following)

    def _album(self, documented: str) -> Album:
        """The newest of the caller's own albums with the name that the payload gives."""
        mine = Album.objects.alive().filter(owner=self.caller, name=self.payload.album_name(documented))
        album = mine.order_by("-pk").first()
        if album is None:
            raise Album.DoesNotExist
        return album
