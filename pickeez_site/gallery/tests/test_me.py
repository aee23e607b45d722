"""The viewer's own page: the photos of them in all their albums, their name, and whether they want messages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from albums.models import Album
from albums.services import create_album, invite_phones, uninvite_phones
from conftest import MakePicture, Person, committing
from faces.services import say_who_is_shown
from photos.models import Photo
from pickeez_site.gallery.tests.visitors import JSON, Visitor
from pickeez_site.gallery.views.me import OF_EACH_ALBUM

ME = "/gallery/me/"


@pytest.fixture
def photos(owner: Person, member: Person, album: Album, make_picture: MakePicture) -> list[str]:
    """Ids of photos in the album: of the owner, of the member, of both, of nobody."""
    for person, face in [(owner, 0), (member, 1)]:
        person.post("/me/selfie", {"file": make_picture(face, seed=9)})
    ids = []
    for seed, people in enumerate([(0,), (1,), (0, 1), ()]):
        file = make_picture(*people, seed=seed)
        ids.append(owner.post("/photos/", {"album_id": album.pk, "file": file}).json()["_id"])
    owner.post(f"/albums/{album.pk}/done_uploading")
    return ids


def test_everybody_sees_the_photos_of_themself(
    photos: list[str], owner: Person, member: Person, stranger: Person
) -> None:
    seen = {person: Visitor(person.user).get(ME).text for person in (owner, member, stranger)}
    assert [photo in seen[owner] for photo in photos] == [True, False, True, False]
    assert [photo in seen[member] for photo in photos] == [False, True, True, False]
    assert [photo in seen[stranger] for photo in photos] == [False] * 4
    assert "2 photos of you" in seen[member]
    assert "0 photos of you" in seen[stranger]


def test_a_script_learns_the_numbers_and_whether_more_may_come(
    photos: list[str], member: Person, owner: Person, album: Album, make_picture: MakePicture
) -> None:
    visitor = Visitor(member.user)
    assert visitor.get(ME, headers=JSON).json() == {"total": 2, "unfinished": False}
    owner.post("/photos/", {"album_id": album.pk, "file": make_picture(1, seed=5)})
    assert visitor.get(ME, headers=JSON).json() == {"total": 2, "unfinished": True}
    assert "data-unfinished" in visitor.get(ME).text
    owner.post(f"/albums/{album.pk}/done_uploading")
    assert visitor.get(ME, headers=JSON).json() == {"total": 3, "unfinished": False}
    assert "data-unfinished" not in visitor.get(ME).text


def test_what_users_say_themselves_counts(photos: list[str], member: Person) -> None:
    say_who_is_shown(user=member.user, photo=Photo(pk=photos[0]), shows=True)
    say_who_is_shown(user=member.user, photo=Photo(pk=photos[1]), shows=False)
    page = Visitor(member.user).get(ME).text
    assert [photo in page for photo in photos] == [True, False, True, False]


def test_a_removed_member_sees_nothing_of_the_album(photos: list[str], member: Person, album: Album) -> None:
    with committing():
        uninvite_phones(album=album, phones=[member.phone])
    page = Visitor(member.user).get(ME).text
    assert not any(photo in page for photo in photos)
    assert "Summer" not in page


def test_each_album_shows_its_newest_and_counts_all(photos: list[str], owner: Person, album: Album) -> None:
    original = Photo.objects.get(pk=photos[0]).original
    more = [
        Photo(original=original, album=album, owner=owner.user, uploader=owner.user, s3_path=str(number))
        for number in range(OF_EACH_ALBUM)
    ]
    Photo.objects.bulk_create(more)
    for photo in more:
        say_who_is_shown(user=owner.user, photo=photo, shows=True)
    page = Visitor(owner.user).get(ME).text
    assert f"{OF_EACH_ALBUM + 2} photos of you" in page
    assert all(str(photo.pk) in page for photo in more)
    assert photos[0] not in page


def test_the_queries_do_not_grow_with_albums_and_photos(
    photos: list[str],
    owner: Person,
    member: Person,
    make_picture: MakePicture,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    visitor = Visitor(member.user)
    visitor.get(ME)
    with CaptureQueriesContext(connection) as few:
        visitor.get(ME)
    queries = len(few)
    for number in range(3):
        with committing():
            album = create_album(owner=owner.user, name=f"Album {number}")
            invite_phones(album=album, phones=[member.phone])
        owner.post("/photos/", {"album_id": album.pk, "file": make_picture(1, seed=20 + number)})
        owner.post(f"/albums/{album.pk}/done_uploading")
    with django_assert_num_queries(queries):
        assert "5 photos of you" in visitor.get(ME).text


def test_names_are_shown_as_they_are_and_run_nothing(member: Person, owner: Person, photos: list[str]) -> None:
    name = '"><script>alert(1)</script>'
    visitor = Visitor(member.user)
    assert visitor.post(f"{ME}name/", {"name": name}).status_code == 303
    Album.objects.update(name=name)
    page = visitor.get(ME).text
    assert "<script>alert" not in page
    assert "&quot;&gt;&lt;script&gt;" in page


@pytest.mark.parametrize("name", ["", " ", "a\nb", "\u200b", "x" * 201, "a\0b"])
def test_a_name_that_shows_nothing_is_refused(member: Person, name: str) -> None:
    answer = Visitor(member.user).post(f"{ME}name/", {"name": name})
    assert answer.status_code == 400
    assert "A name is one line" in answer.text
    member.user.refresh_from_db()
    assert member.user.name == "Member"


def test_messages_are_switched_off_and_on(member: Person) -> None:
    visitor = Visitor(member.user)
    for wanted, stored in [("no", False), ("yes", True)]:
        assert visitor.post(f"{ME}pushes/", {"wanted": wanted}).status_code == 303
        member.user.refresh_from_db()
        assert member.user.send_push_notifs is stored


@pytest.mark.parametrize("path", [ME, f"{ME}name/", f"{ME}pushes/"])
def test_nobody_signs_in_first_and_forms_of_other_sites_are_refused(path: str, member: Person) -> None:
    assert Visitor().get(path)["Location"].startswith(reverse("gallery:sign-in"))
    assert Visitor().post(path, {"name": "x"}, headers=JSON).status_code == 401
    if path != ME:
        assert Visitor(member.user, csrf=True).post(path, {"name": "x"}).status_code == 403
    member.user.refresh_from_db()
    assert (member.user.name, member.user.send_push_notifs) == ("Member", True)


def test_no_cache_keeps_the_page(member: Person) -> None:
    assert Visitor(member.user).get(ME)["Cache-Control"] == "no-store"
