import pytest

from albums.models import Album
from conftest import Caller, MakePicture, Person
from photos.models import Photo
from photos.tests.builders import place_photo
from pickeez_site.dialects.pickeez.tests.shapes import (
    PHOTO_ALONE,
    assert_absent,
    assert_refused,
    assert_signed_in_only,
    photos_in,
    status_of,
)


@pytest.fixture
def photo(member: Person, album: Album) -> Photo:
    return place_photo(album, member.user)


def test_the_photos_owner_deletes_it_and_the_second_answer_equals_the_first(member: Person, photo: Photo) -> None:
    first, second = (member.post(f"/photos/{photo.pk}/delete") for _ in range(2))
    assert (first.status_code, set(first.json())) == (200, {"msg", "removed_photo"})
    assert (first.json()["msg"], set(first.json()["removed_photo"])) == ("ok", PHOTO_ALONE)
    assert first.json()["removed_photo"]["_id"] == str(photo.pk)
    assert (second.status_code, second.json()) == (200, first.json())


def test_nobody_sees_it_any_more(
    owner: Person, member: Person, nobody: Caller, album: Album, photo: Photo
) -> None:
    member.post(f"/photos/{photo.pk}/delete")
    for person in (owner, member):
        assert_absent(person, "get", "/photos/{id}", photo.pk)
        assert_absent(person, "post", "/photos/{id}/set_filter", photo.pk)
        assert photos_in(person.get(f"/albums/{album.pk}").json()) == []
    assert nobody.get("/invite_page", {"album_id": album.pk}).json()["photos"] == []


def test_its_urls_are_refused_at_once(
    owner: Person, nobody: Caller, album: Album, make_picture: MakePicture
) -> None:
    photo_id = owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)}).json()["_id"]
    photo = owner.get(f"/photos/{photo_id}").json()
    urls = [photo["url"], *(rendition["url"] for rendition in photo["renditions"].values())]
    assert {status_of(nobody, url) for url in urls} == {200}
    owner.post(f"/photos/{photo_id}/delete")
    assert {status_of(nobody, url) for url in urls} == {404}


def test_the_albums_owner_deletes_a_guests_photo_which_the_guest_keeps(
    owner: Person, member: Person, album: Album, photo: Photo
) -> None:
    first, second = (owner.post(f"/photos/{photo.pk}/delete") for _ in range(2))
    assert (first.status_code, first.json()["removed_photo"]["_id"]) == (200, str(photo.pk))
    assert (second.status_code, second.json()) == (200, first.json())
    for person in (owner, member):
        assert_absent(person, "get", "/photos/{id}", photo.pk)
        assert photos_in(person.get(f"/albums/{album.pk}").json()) == []
    kept = Photo.objects.get(album=None)
    assert (kept.owner, kept.original) == (member.user, photo.original)
    assert member.get(f"/photos/{kept.pk}").json()["album_id"] is None
    assert_absent(owner, "get", "/photos/{id}", kept.pk)


def test_others_delete_nothing(
    owner: Person, member: Person, stranger: Person, nobody: Caller, album: Album, photo: Photo
) -> None:
    assert_refused(member.post(f"/photos/{place_photo(album, owner.user).pk}/delete"), 403)
    assert_absent(stranger, "post", "/photos/{id}/delete", photo.pk)
    assert_signed_in_only(nobody, "post", f"/photos/{photo.pk}/delete")
    assert Photo.objects.alive().filter(pk=photo.pk).exists()


def test_what_was_deleted_is_to_others_as_absent_as_what_never_was(
    owner: Person, member: Person, photo: Photo
) -> None:
    member.post(f"/photos/{photo.pk}/delete")
    assert_absent(owner, "post", "/photos/{id}/delete", photo.pk)
