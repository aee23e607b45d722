"""Outages that are noticed outside the dialects."""

import pytest
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from uuid_utils.compat import uuid7

from albums.models import Album
from conftest import MakePicture, Person
from core.outages import is_foreign_key_violation
from core.tests.presence import present
from photos.models import Photo
from photos.storage import StorageUnavailable
from pickeez_site.serving.outages import OutageMiddleware


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (OperationalError("terminating connection"), "database"),
        (InterfaceError("closed"), "database"),
        (StorageUnavailable(), "storage"),
    ],
)
@pytest.mark.parametrize("path", ["/admin/", "/me", "/v1/Group"])
def test_what_is_away_is_a_503_that_says_when_to_come_back(
    error: InterfaceError | OperationalError | StorageUnavailable, away: str, path: str
) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return present(middleware.process_exception(request, error))

    middleware = OutageMiddleware(view)
    answer = middleware(RequestFactory().get(path))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert f"The {away} is away" in answer.content.decode()
    assert str(error) not in answer.content.decode() or not str(error)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/photos/", "/v1/Photo"])
def test_a_photo_whose_original_is_removed_at_the_same_moment_may_come_again(
    owner: Person, album: Album, path: str
) -> None:
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        Photo.objects.create(original_id=uuid7(), album=album, owner=owner.user, uploader=owner.user)

    def view(request: HttpRequest) -> HttpResponse:
        return present(middleware.process_exception(request, raised.value))

    middleware = OutageMiddleware(view)
    answer = middleware(RequestFactory().post(path))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "just removed" in answer.content.decode()


@pytest.mark.django_db
def test_two_rows_of_one_key_are_no_lost_row(owner: Person) -> None:
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        type(owner.user).objects.create(pk=owner.user.pk)
    assert not is_foreign_key_violation(raised.value)


def test_other_errors_are_left_to_others() -> None:
    middleware = OutageMiddleware(lambda request: HttpResponse())
    assert middleware.process_exception(RequestFactory().get("/me"), ZeroDivisionError()) is None


def test_pictures_say_so_too(
    client: Client, monkeypatch: pytest.MonkeyPatch, owner: Person, album: Album, make_picture: MakePicture
) -> None:
    photo = owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)}).json()["_id"]
    url = owner.get(f"/photos/{photo}").json()["url"]

    def away(*_: str) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("pickeez_site.serving.media._find_file", away)
    answer = client.get(url)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "database is away" in answer.content.decode()


def test_a_dialects_own_503_says_when_to_come_back(
    monkeypatch: pytest.MonkeyPatch, owner: Person, album: Album, make_picture: MakePicture
) -> None:
    def away(*_: InMemoryUploadedFile | str, **__: object) -> None:
        raise StorageUnavailable

    monkeypatch.setattr("photos.storage.save", away)
    answer = owner.client.post("/photos/", {"album_id": album.pk, "file": make_picture(0)})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
