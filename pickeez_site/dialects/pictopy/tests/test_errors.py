import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from pytest_django import Settings

from albums.models import Album
from conftest import Person
from photos.storage import StorageUnavailable
from pickeez_site.dialects.pictopy import albums
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure
from pickeez_site.dialects.pictopy.tests.gallery import Gallery


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (StorageUnavailable("secret"), 503, "Storage unavailable"),
        (OperationalError("secret"), 503, "Database unavailable"),
        (RequestDataTooBig("secret"), 413, "Payload too large"),
    ],
)
def test_trouble_is_told_without_details(
    gallery: Gallery,
    monkeypatch: pytest.MonkeyPatch,
    error: OperationalError | RequestDataTooBig | StorageUnavailable,
    status: int,
    words: str,
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(albums, "create_named_album", fail)
    answer = gallery.post("/albums/create-album", name="Summer")
    assert_failure(answer, status, words)
    assert b"secret" not in answer.content


def test_a_body_that_is_too_large_is_told_in_the_same_envelope(gallery: Gallery, settings: Settings) -> None:
    answer = gallery.post("/albums/create-album", name="x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    assert answer.status_code == answer.json()["status_code"] == 413
    assert answer.json()["content"]["success"] is False


@pytest.mark.parametrize(("method", "path"), [("get", "/albums/create-album"), ("put", "/images/images")])
def test_another_method_is_not_allowed(gallery: Gallery, method: str, path: str) -> None:
    answer = gallery.get(path) if method == "get" else gallery.send(method, path)
    assert_failure(answer, 405, "Method Not Allowed")


def test_an_id_is_still_another_dialects_album(gallery: Gallery, owner: Person, album: Album) -> None:
    assert owner.get(f"/albums/{album.pk}").json()["_id"] == str(album.pk)
    assert owner.get("/albums/view-nothing").status_code == 404
