"""First the body and its fields (400), then what they name (404), then conflicts (409); who may, before all."""

import pytest

from albums.models import Album
from core.tests.answers import Json
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

NONE = {"album_name": "None", "path": "/none", "paths": ["/none"], "folder_path": "/none", "description": "New"}
BODIES = [
    ("delete", "/albums/delete-album", ["album_name"], "Album not found"),
    ("post", "/albums/add-multiple-to-album", ["album_name", "paths"], "Album not found"),
    ("delete", "/albums/remove-from-album", ["album_name", "path"], "Album not found"),
    ("put", "/albums/edit-album-description", ["album_name", "description"], "Album not found"),
    ("delete", "/images/delete-image", ["path"], "Image not found"),
    ("delete", "/images/multiple-images", ["paths"], "Image not found"),
]


@pytest.mark.parametrize(("method", "path", "fields", "unknown"), BODIES)
def test_fields_come_before_what_they_name(
    gallery: Gallery, method: str, path: str, fields: list[str], unknown: str
) -> None:
    body: dict[str, Json] = {field: NONE[field] for field in fields}
    for field in fields:
        for wrong, words in ((1, "Invalid"), (None, "Missing"), ({}, "Invalid")):
            answer = gallery.send(method, path, **{**body, field: wrong})
            assert answer.status_code == 400
            assert answer.json()["error"].startswith(words)
    assert_failure(gallery.send(method, path, **body), 404, unknown)


def test_the_album_comes_before_its_images(gallery: Gallery, album: Album) -> None:
    for method, path, name in (
        ("post", "/albums/add-multiple-to-album", "paths"),
        ("delete", "/albums/remove-from-album", "path"),
    ):
        body: dict[str, Json] = {name: NONE[name]}
        assert_failure(gallery.send(method, path, album_name="None", **body), 404, "Album not found")
        assert_failure(gallery.send(method, path, album_name="Summer", **body), 404, "Image not found")


def test_fields_come_before_a_conflict(gallery: Gallery, album: Album) -> None:
    path = "/albums/create-album"
    assert_failure(gallery.post(path, name="Summer", description=1), 400, "Invalid 'description' format")
    assert_failure(gallery.post(path, name="Summer"), 409, "Album name already in use")


@pytest.mark.parametrize(("method", "path", "fields", "_unknown"), BODIES)
def test_nobody_learns_what_is_wrong(
    nobodys_gallery: Gallery, method: str, path: str, fields: list[str], _unknown: str
) -> None:
    assert_failure(nobodys_gallery.send(method, path), 401, "Unauthorized")
