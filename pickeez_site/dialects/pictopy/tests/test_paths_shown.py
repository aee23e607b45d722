"""Only its importer ever sees a path of the server's disk, and the local library's user those of stored files."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from albums.models import Album
from albums.services import create_album
from conftest import Person
from photos.models import Original, Photo
from photos.services import add_images, copy_photos
from photos.tests.builders import place_photo
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure
from pickeez_site.dialects.pictopy.tests.gallery import Gallery


def shown(gallery: Gallery, name: str = "Summer") -> list[str]:
    return gallery.data("/albums/view-album", album_name=name)["photos"]


@pytest.fixture
def members_import(member: Person, album: Album, put: Callable[..., str], settings: Settings) -> str:
    """The path of an image that the member has imported and put into the owner's album."""
    settings.IMPORT_USERS = [*settings.IMPORT_USERS, member.id]
    gallery = Gallery(member)
    path = put("members.png")
    assert gallery.post("/images/images", paths=[path]).status_code == 202
    add_images(album=album, user=member.user, paths=[path])
    return path


def test_the_albums_owner_sees_a_key_where_its_importer_sees_a_path(
    gallery: Gallery, member_gallery: Gallery, members_import: str
) -> None:
    key = Original.objects.get().key
    assert shown(gallery) == [key]
    assert gallery.data("/albums/view-all")[0]["image_paths"] == [key]
    assert member_gallery.images == [members_import]


def test_the_others_path_names_nothing_to_the_albums_owner(
    gallery: Gallery, members_import: str, album: Album
) -> None:
    body = {"album_name": "Summer", "path": members_import}
    assert_failure(gallery.delete("/albums/remove-from-album", **body), 404, "Image not found")
    assert len(shown(gallery)) == 1
    assert gallery.delete("/albums/remove-from-album", **{**body, "path": shown(gallery)[0]}).status_code == 200
    assert shown(gallery) == []


def test_who_has_copied_it_sees_a_key(
    gallery: Gallery, other_gallery: Gallery, stranger: Person, imported: Callable[..., str]
) -> None:
    path = imported("a.png")
    theirs = create_album(owner=stranger.user, name="Theirs")
    copy_photos(photos=[Photo.objects.get()], album=theirs, user=stranger.user)
    Photo.objects.filter(album=theirs).update(s3_path=path)  # as copies of before had it
    key = Original.objects.get().key
    assert other_gallery.images == shown(other_gallery, "Theirs") == [key]
    assert other_gallery.data("/images/all-image-objects")["images"] == {key: "None"}
    assert gallery.images == [path]


def test_the_local_librarys_user_sees_files_that_can_be_opened(
    gallery: Gallery, owner: Person, member: Person, album: Album, settings: Settings
) -> None:
    own, members = place_photo(album, owner.user), place_photo(album, member.user)
    assert shown(gallery) == [own.original.key, members.original.key]
    settings.LOCAL_LIBRARY_USER = owner.id
    folder = settings.STORAGES["default"]["OPTIONS"]["location"]
    assert shown(gallery) == [f"{folder}/{own.original.key}", f"{folder}/{members.original.key}"]
    assert gallery.images == [f"{folder}/{own.original.key}"]


def test_such_a_path_and_the_key_both_name_the_image(
    gallery: Gallery, owner: Person, album: Album, settings: Settings
) -> None:
    settings.LOCAL_LIBRARY_USER = owner.id
    photo = place_photo(None, owner.user)
    (path,) = gallery.images
    for name in (path, photo.original.key, Path(path).name):
        assert gallery.get("/images/class-ids", path=name).json()["data"] == {"class_ids": "None"}
        assert gallery.get("/tag/related-images", path=path).status_code == 200
    for name in (path, photo.original.key):
        body = {"album_name": "Summer", "path": name}
        assert gallery.post("/albums/add-multiple-to-album", album_name="Summer", paths=[name]).status_code == 201
        assert shown(gallery) == [path]
        assert gallery.delete("/albums/remove-from-album", **body).status_code == 200
    assert gallery.delete("/images/delete-image", path=path).status_code == 200
    assert gallery.images == []


def test_to_others_such_a_path_names_nothing(
    gallery: Gallery, other_gallery: Gallery, owner: Person, settings: Settings
) -> None:
    settings.LOCAL_LIBRARY_USER = owner.id
    place_photo(None, owner.user)
    (path,) = gallery.images
    assert_failure(other_gallery.delete("/images/delete-image", path=path), 404, "Image not found")
    assert other_gallery.images == []


def test_with_a_bucket_there_is_no_file_to_open(
    gallery: Gallery, owner: Person, settings: Settings, bucket: str
) -> None:
    settings.LOCAL_LIBRARY_USER = owner.id
    photo = place_photo(None, owner.user)
    assert gallery.images == [photo.original.key]
