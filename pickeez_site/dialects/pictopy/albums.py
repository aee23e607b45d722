"""Albums: the caller's own, by name."""

from rest_framework.request import Request

from albums.models import Album
from albums.services import create_named_album, set_description
from photos.image_paths import album_photos_at, folder_of, paths_by_album, paths_in_albums, photo_counts
from photos.services import add_images, erase_album, remove_from_album
from pickeez_site.dialects.pictopy import wire
from pickeez_site.dialects.pictopy.viewsets import PictoPyViewSet, told
from pickeez_site.dialects.viewsets import operation
from pickeez_site.dialects.wire.values import parse_id


class AlbumViewSet(PictoPyViewSet):
    section = "Albums"

    @operation("Creates an album", answer="The album was created.", status=201, errors=[409])
    @told("Album '{asked.name}' created successfully", "/albums/create-album")
    def create(self, request: Request, asked: wire.NewAlbum) -> wire.Success[wire.CreatedAlbum]:
        name, description = asked.name, asked.description or ""
        create_named_album(owner=self.caller, name=name, description=description)
        return wire.success(wire.CreatedAlbum(album_name=name, description=description))

    @operation("Deletes an album", answer="The name of the album, which is gone.", errors=[404])
    @told("Album '{asked.name}' deleted successfully", "/albums/delete-album")
    def erase(self, request: Request, asked: wire.Named) -> wire.Success[wire.AlbumName]:
        """For good. Its images stay in the libraries of those who added them."""
        erase_album(album=self._album(asked.name))
        return wire.success(asked.name)

    @operation("Adds images to an album", answer="The images are in the album.", status=201, errors=[404])
    @told("Images added to album '{asked.album_name}' successfully", "/albums/add-multiple-to-album")
    def add_images(self, request: Request, asked: wire.AddedImages) -> wire.Success[wire.AlbumWithImages]:
        """All or none. An image that is in the album already stays in it once."""
        add_images(album=self._album(asked.album_name), user=self.caller, paths=asked.paths)
        return wire.success(wire.AlbumWithImages(album_name=asked.album_name, paths=asked.paths))

    @operation("Removes an image from an album", answer="The image is not in the album any more.", errors=[404])
    @told("Image removed from album '{asked.album_name}' successfully", "/albums/remove-from-album")
    def remove_image(self, request: Request, asked: wire.RemovedImage) -> wire.Success[wire.AlbumWithoutImage]:
        """Also one that another member has added. It stays in the library of whose it is."""
        remove_from_album(photos=album_photos_at(self._album(asked.album_name), asked.path))
        return wire.success(wire.AlbumWithoutImage(album_name=asked.album_name, path=asked.path))

    @operation("The images of an album", answer="The paths, in the order in which they were added.", errors=[404])
    @told("Successfully retrieved album", "/albums/view-album")
    def retrieve(self, request: Request, asked: wire.AlbumPage) -> wire.Page[wire.Album]:
        album, after = self._album(asked.album_name), parse_id(asked.after)
        rows = paths_in_albums([album.pk], after=after, limit=wire.MAX_ROWS + 1)
        shown, next_after = wire.first_rows(rows, lambda row: row.photo_id)
        paths = list(dict.fromkeys(row.path for row in shown))
        found = wire.Album(album_name=album.name, photos=paths, folder_path=folder_of(paths))
        return wire.page(found, next_after)

    @operation("Changes an album's description", answer="What it is now.", errors=[404])
    @told("Description of album '{asked.name}' updated successfully", "/albums/edit-album-description")
    def describe(self, request: Request, asked: wire.Described) -> wire.Success[wire.DescribedAlbum]:
        set_description(album=self._album(asked.name), description=asked.description)
        return wire.success(wire.DescribedAlbum(album_name=asked.name, new_description=asked.description))

    @operation("All albums of the caller, with their images", answer="The albums, the oldest first.")
    @told("Successfully retrieved all albums", "/albums/view-all")
    def list_all(self, request: Request, asked: wire.After) -> wire.Page[list[wire.ListedAlbum]]:
        own = Album.objects.alive().filter(owner=self.caller, pk__gt=parse_id(asked.after)).order_by("pk")
        albums = {album.pk: album for album in own[: wire.MAX_ROWS + 1]}
        shown, next_after = wire.first_groups(photo_counts(albums.keys()))
        paths = paths_by_album(shown, limit=wire.MAX_ROWS)
        return wire.page([wire.ListedAlbum.of(albums[pk], paths[pk]) for pk in shown], next_after)

    def _album(self, name: str) -> Album:
        """The newest of the caller's own albums of that name."""
        return Album.objects.alive().filter(owner=self.caller, name=name).latest("pk")
