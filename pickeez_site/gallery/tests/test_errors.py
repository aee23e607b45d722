"""Errors that no view of the gallery sees are pages in words, too."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from albums.models import Album
from conftest import Person
from pickeez_site.gallery.tests.browsers import browser, text_of

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}


@pytest.mark.parametrize(
    "path", ["/gallery/nowhere/", "/gallery/albums/", "/gallery/albums/1/", "/gallery/me/x/y/"]
)
def test_a_page_that_is_not_there_is_told_in_words(owner: Person, path: str) -> None:
    for client in (Client(), browser(owner.user)):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "There is no such page" in text_of(answer)
        assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("path", "to"), [("/gallery/sign-in", "/gallery/sign-in/"), ("/gallery", "/gallery/")])
def test_a_forgotten_slash_is_added(path: str, to: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (301, to)


@pytest.mark.parametrize("page", ["/gallery/me/name/", "/i/some-token", "/o/some-token", "/gallery/me/selfie/"])
def test_a_form_that_is_too_large_is_told_in_words(owner: Person, page: str, settings: Settings) -> None:
    settings.MAX_PHOTO_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    data = {"file": SimpleUploadedFile("x.jpg", b"x" * 2_000_000)}
    answer = browser(owner.user).post(page, data)
    assert answer.status_code == 413
    assert "too large" in text_of(answer)
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    told = browser(owner.user).post(page, {"file": SimpleUploadedFile("x.jpg", b"x" * 2_000_000)}, headers=JSON)
    assert told.status_code == 413
    assert "too large" in told.json()["error"]


@pytest.mark.parametrize("headers", [{}, {"Accept-Language": "de"}])
def test_an_outage_of_the_database_is_told_in_words(
    owner: Person, album: Album, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    client = browser(owner.user)

    def unreachable(*args: object, **kwargs: object) -> None:
        raise OperationalError("the machine is gone")

    monkeypatch.setattr("pickeez_site.gallery.views.album.album_head", unreachable)
    answer = client.get(f"/gallery/albums/{album.pk}/", headers=headers)
    assert answer.status_code == 503
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert "gone" not in text_of(answer)
    assert client.get(f"/gallery/albums/{album.pk}/", headers=JSON).json()["error"]
