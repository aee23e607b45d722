"""Albums: the caller's own, by name."""

from albums.models import Album
from albums.selectors import albums_named
from albums.services import create_named_album, only_album_named, set_description
from photos.image_paths import album_photos_at, library_folder, paths_by_album, paths_in_albums, photo_counts
from photos.services import add_images, delete_shared_or_erase, remove_from_album
from pickeez_site.dialects.pictopy import wire
from pickeez_site.dialects.pictopy.viewsets import PictoPyViewSet, operation
from pickeez_site.dialects.pictopy.wire import Cursor, Description, GivenAlbum, GivenName, Page, Success, success
from pickeez_site.dialects.wire.values import parse_id


class AlbumViewSet(PictoPyViewSet):
    section = "Albums"

    @operation("Creates an album", answer="The album was created.", status=201, errors=[409])
    def create(self, *, name: GivenName, description: Description | None = None) -> Success[wire.CreatedAlbum]:
        create_named_album(owner=self.caller, name=name, description=description or "")
        created = wire.CreatedAlbum(album_name=name, description=description)
        return success(created, f"Album '{name}' created successfully")

    @operation("Deletes an album", answer="The name of the album, which is gone.", errors=[404, 409])
    def erase(self, *, name: GivenName) -> Success[wire.AlbumName]:
        """For good, or for 30 days where others are members of it or have photos in it. Its images stay in the
        libraries of those who added them. Of two albums with one name none is deleted.
        """
        delete_shared_or_erase(album=only_album_named(owner=self.caller, name=name))
        return success(name, f"Album '{name}' deleted successfully")

    @operation("Adds images to an album", answer="The images are in the album.", status=201, errors=[404])
    def add_images(self, *, album_name: GivenAlbum, paths: wire.Paths) -> Success[wire.AlbumWithImages]:
        """All or none. An image that is in the album already stays in it once."""
        add_images(album=self._album(album_name), user=self.caller, paths=paths)
        added = wire.AlbumWithImages(album_name=album_name, paths=paths)
        return success(added, f"Images added to album '{album_name}' successfully")

    @operation("Removes an image from an album", answer="The image is not in the album any more.", errors=[404])
    def remove_image(self, *, album_name: GivenAlbum, path: wire.Path) -> Success[wire.AlbumWithoutImage]:
        """Also one that another member has added. It stays in the library of whose it is. If it is not in the
        album, nothing happens.
        """
        remove_from_album(photos=album_photos_at(self._album(album_name), path))
        removed = wire.AlbumWithoutImage(album_name=album_name, path=path)
        return success(removed, f"Image removed from album '{album_name}' successfully")

    @operation("The images of an album", answer="The paths, in the order in which they were added.", errors=[404])
    def retrieve(self, *, album_name: GivenAlbum, after: Cursor = "") -> Page[wire.Album]:
        album = self._album(album_name)
        rows = paths_in_albums(self.caller, [album.pk], after=parse_id(after), limit=wire.MAX_ROWS + 1)
        shown, next_after = wire.first_rows(rows, lambda row: row.position)
        paths = list(dict.fromkeys(row.path for row in shown))
        found = wire.Album(album_name=album_name, photos=paths, folder_path=library_folder(self.caller))
        return wire.page(found, next_after, "Successfully retrieved album")

    @operation("Changes an album's description", answer="What it is now.", errors=[404])
    def describe(self, *, name: GivenName, description: Description) -> Success[wire.DescribedAlbum]:
        set_description(album=self._album(name), description=description)
        described = wire.DescribedAlbum(album_name=name, new_description=description)
        return success(described, f"Description of album '{name}' updated successfully")

    @operation("All albums of the caller, with their images", answer="The albums, the oldest first.")
    def list_all(self, *, after: Cursor = "") -> Page[list[wire.ListedAlbum]]:
        own = Album.objects.alive().filter(owner=self.caller, pk__gt=parse_id(after)).order_by("pk")
        albums = {album.pk: album for album in own[: wire.MAX_ROWS + 1]}
        shown, next_after = wire.first_groups(photo_counts(albums.keys()))
        paths = paths_by_album(self.caller, shown, limit=wire.MAX_ROWS)
        listed = [wire.ListedAlbum.of(albums[pk], paths[pk]) for pk in shown]
        return wire.page(listed, next_after, "Successfully retrieved all albums")

    def _album(self, name: str) -> Album:
        """The newest of the caller's own albums of that name."""
        return albums_named(self.caller, name).latest("pk")
