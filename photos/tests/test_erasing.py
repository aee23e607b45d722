from _io import BytesIO
from collections.abc import Callable

from pytest_django import DjangoAssertNumQueries

from accounts.services import delete_user
from albums.models import Album
from albums.services import create_album
from conftest import MakePicture, Person, committing
from faces.models import Face, Sighting
from photos.models import FileToRemove, Like, Original, Photo, Rendition
from photos.services import trash_photo


def upload(person: Person, album: Album, file: BytesIO) -> str:
    return person.post("/photos/", {"album_id": album.pk, "file": file}).json()["_id"]


def erase(person: Person) -> None:
    with committing():
        delete_user(user=person.user)


def test_erasing_a_user_removes_all_rows_and_files(
    owner: Person, member: Person, album: Album, make_picture: MakePicture, stored: Callable[..., list[str]]
) -> None:
    upload(member, album, make_picture(0, 1))
    erase(member)
    assert stored() == []
    for model in (Photo, Original, Rendition, Face, FileToRemove):
        assert not model.objects.exists(), model


def test_photos_of_others_are_untouched(
    owner: Person, member: Person, album: Album, make_picture: MakePicture, stored: Callable[..., list[str]]
) -> None:
    photo_id = upload(owner, album, make_picture(0))
    files = stored()
    upload(member, album, make_picture(0))
    erase(member)
    assert stored() == files
    seen = owner.get(f"/photos/{photo_id}").json()
    assert (seen["status"], seen["num_faces"], len(seen["renditions"])) == ("ready", 1, 6)


def test_photos_of_others_in_the_users_albums_go_with_them(
    owner: Person, member: Person, album: Album, make_picture: MakePicture, stored: Callable[..., list[str]]
) -> None:
    upload(member, album, make_picture(0))
    erase(owner)
    assert stored() == []
    assert not Photo.objects.exists()


def test_a_guests_original_stays_while_they_have_it_elsewhere(
    owner: Person, member: Person, album: Album, make_picture: MakePicture, stored: Callable[..., list[str]]
) -> None:
    own = create_album(owner=member.user)
    for place in (album, own):
        upload(member, place, make_picture(0))
    files = stored()
    erase(owner)
    assert Photo.objects.get().album == own
    assert stored() == files


def test_copies_of_the_users_files_go_too(
    owner: Person, member: Person, album: Album, make_picture: MakePicture, stored: Callable[..., list[str]]
) -> None:
    upload(owner, album, make_picture(0))
    own = create_album(owner=member.user)
    member.post("/photos/", {"album_id": own.pk, "s3_path": Photo.objects.get().s3_path})
    assert Photo.objects.count() == 2
    erase(owner)
    assert not Photo.objects.exists()
    assert stored() == []


def test_deleted_photos_go_too(
    owner: Person, album: Album, make_picture: MakePicture, stored: Callable[..., list[str]]
) -> None:
    upload(owner, album, make_picture(0))
    trash_photo(photo=Photo.objects.get())
    erase(owner)
    assert stored() == []


def test_the_users_likes_and_sightings_on_others_photos_are_deleted(
    owner: Person, member: Person, album: Album, make_picture: MakePicture
) -> None:
    photo_id = upload(owner, album, make_picture(0))
    member.post(f"/photos/{photo_id}/set_filter", {"type": "like"})
    Sighting.objects.create(photo_id=photo_id, user=member.user, by="algorithm")
    erase(member)
    assert not Like.objects.exists()
    assert not Sighting.objects.exists()
    assert owner.get(f"/photos/{photo_id}").json()["filters"] == {}


def test_erasing_costs_no_query_for_each_photo(
    owner: Person,
    member: Person,
    album: Album,
    make_picture: MakePicture,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for seed in range(4):
        upload(member, album, make_picture(seed=seed))
    with django_assert_max_num_queries(85):
        delete_user(user=member.user)
