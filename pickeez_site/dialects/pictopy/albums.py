"""Albums: the caller's own, by name."""

from itertools import accumulate

from rest_framework.request import Request

from albums.models import Album as StoredAlbum
from albums.services import create_named_album, set_description
from photos.image_paths import album_photos_at, paths_in_albums, photo_counts
from photos.services import add_images, erase_album, remove_from_album
from pickeez_site.dialects.pictopy.documented import session
from pickeez_site.dialects.pictopy.viewsets import PictoPyViewSet
from pickeez_site.dialects.pictopy.wire import (
    MAX_ROWS,
    AddedImages,
    After,
    Album,
    AlbumName,
    AlbumPage,
    AlbumWithImages,
    AlbumWithoutImage,
    CreatedAlbum,
    Described,
    DescribedAlbum,
    ListedAlbums,
    Named,
    NewAlbum,
    Page,
    RemovedImage,
    Success,
    listed_albums,
    page,
    success,
)
from pickeez_site.dialects.viewsets import operation
from pickeez_site.dialects.wire.values import parse_id


class AlbumViewSet(PictoPyViewSet):
    section = "Albums"

    @operation(
        "Creates an album",
        status=201,
        answer="The album was created.",
        errors=[409],
        **session("/albums/create-album", "Album 'Summer' created successfully"),
    )
    def create(self, request: Request, asked: NewAlbum) -> Success[CreatedAlbum]:
        name, description = asked.name, asked.description or ""
        create_named_album(owner=self.caller, name=name, description=description)
        created = CreatedAlbum(album_name=name, description=description)
        return success(created, f"Album '{name}' created successfully")

    @operation(
        "Deletes an album",
        answer="The name of the album, which is gone.",
        errors=[404],
        **session("/albums/delete-album", "Album 'Summer' deleted successfully"),
    )
    def erase(self, request: Request, asked: Named) -> Success[AlbumName]:
        """For good. Its images stay in the libraries of those who added them."""
        album = self._album(asked.name)
        erase_album(album=album)
        return success(album.name, f"Album '{album.name}' deleted successfully")

    @operation(
        "Adds images to an album",
        status=201,
        answer="The images are in the album.",
        errors=[404],
        **session("/albums/add-multiple-to-album", "Images added to album 'Summer' successfully"),
    )
    def add_images(self, request: Request, asked: AddedImages) -> Success[AlbumWithImages]:
        """All or none. An image that is in the album already stays in it once."""
        album = self._album(asked.album_name)
        add_images(album=album, user=self.caller, paths=asked.paths)
        changed = AlbumWithImages(album_name=album.name, paths=asked.paths)
        return success(changed, f"Images added to album '{album.name}' successfully")

    @operation(
        "Removes an image from an album",
        answer="The image is not in the album any more.",
        errors=[404],
        **session("/albums/remove-from-album", "Image removed from album 'Summer' successfully"),
    )
    def remove_image(self, request: Request, asked: RemovedImage) -> Success[AlbumWithoutImage]:
        """Also one that another member has added. It stays in the library of whose it is."""
        album = self._album(asked.album_name)
        remove_from_album(photos=album_photos_at(album, asked.path))
        changed = AlbumWithoutImage(album_name=album.name, path=asked.path)
        return success(changed, f"Image removed from album '{album.name}' successfully")

    @operation(
        "The images of an album",
        answer="The paths, in the order in which they were added.",
        errors=[404],
        **session("/albums/view-album", "Successfully retrieved album"),
    )
    def retrieve(self, request: Request, asked: AlbumPage) -> Page[Album]:
        album = self._album(asked.album_name)
        rows = paths_in_albums([album.pk], after=parse_id(asked.after), limit=MAX_ROWS + 1)
        shown = rows[:MAX_ROWS]
        paths = list(dict.fromkeys(row.path for row in shown))
        following = str(shown[-1].photo_id) if len(rows) > MAX_ROWS else None
        return page(Album.of(album.name, paths), "Successfully retrieved album", following)

    @operation(
        "Changes an album's description",
        answer="What it is now.",
        errors=[404],
        **session("/albums/edit-album-description", "Description of album 'Summer' updated successfully"),
    )
    def describe(self, request: Request, asked: Described) -> Success[DescribedAlbum]:
        album = self._album(asked.name)
        set_description(album=album, description=asked.description)
        changed = DescribedAlbum(album_name=album.name, new_description=asked.description)
        return success(changed, f"Description of album '{album.name}' updated successfully")

    @operation(
        "All albums of the caller, with their images",
        answer="The albums, the oldest first.",
        **session("/albums/view-all", "Successfully retrieved all albums"),
    )
    def list(self, request: Request, asked: After) -> Page[ListedAlbums]:
        albums = StoredAlbum.objects.alive().filter(owner=self.caller, pk__gt=parse_id(asked.after))
        listed = [*albums.order_by("pk")[: MAX_ROWS + 1]]
        sizes = photo_counts([album.pk for album in listed])
        totals = accumulate(1 + sizes.get(album.pk, 0) for album in listed)
        shown = [album for album, total in zip(listed, totals, strict=True) if total <= MAX_ROWS] or listed[:1]
        rows = paths_in_albums([album.pk for album in shown], limit=MAX_ROWS)
        following = str(shown[-1].pk) if len(shown) < len(listed) else None
        return page(listed_albums(shown, rows), "Successfully retrieved all albums", following)

    def _album(self, name: str) -> StoredAlbum:
        """The newest of the caller's own albums of that name."""
        mine = StoredAlbum.objects.alive().filter(owner=self.caller, name=name)
        album = mine.order_by("-pk").first()
        if album is None:
            raise StoredAlbum.DoesNotExist
        return album
