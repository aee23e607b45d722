"""An owner makes an album, changes its settings, and deletes it."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from albums.models import Album
from albums.services import set_name_and_date
from conftest import Person
from core.tests.answers import Answer
from photos.tests.builders import place_photos
from pickeez_site.gallery.tests.visitors import JSON, Visitor

SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
NEW = "/gallery/albums/new/"
GOOD = {"name": "Dana's wedding", "date": "2026-07-31", "description": "At the lake"}
NAMES = ["חתונה של דנה", "夏の旅行 🌊", "زفاف ليلى", "O'Neill & <sons>", "a" * 500]
BAD = [
    ({"name": ""}, "Please type a name"),
    ({"name": " \n\t"}, "Please type a name"),
    ({"name": "a" * 501}, "at most 500"),
    ({"date": "31.7.2026"}, "Please type a day"),
    ({"date": "2026-02-31"}, "Please type a day"),
    ({"date": "0001-01-01"}, "Please type a day"),
    ({"description": "a" * 5001}, "at most 5000"),
]


def settings_of(album: Album) -> str:
    return reverse("gallery:album-settings", args=[album.pk])


def delete_page(album: Album) -> str:
    return reverse("gallery:delete-album", args=[album.pk])


def make(person: Person, data: dict[str, str]) -> Answer:
    return Visitor(person.user).post(NEW, data)


@pytest.mark.parametrize("name", NAMES)
def test_whoever_is_signed_in_makes_an_album_and_goes_on_to_invite(stranger: Person, name: str) -> None:
    answer = make(stranger, {**GOOD, "name": name})
    album = Album.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == reverse("gallery:guests", args=[album.pk])
    assert (album.owner, album.name, album.description) == (stranger.user, name, "At the lake")
    assert album.event_at == datetime(2026, 7, 31, 12, tzinfo=UTC)
    assert Visitor(stranger.user).get(answer["Location"]).status_code == 200


def test_a_name_is_enough(stranger: Person) -> None:
    assert make(stranger, {"name": "Summer"}).status_code == 303
    assert Album.objects.get().event_at is None


@pytest.mark.parametrize(("bad", "words"), BAD)
def test_bad_input_is_said_and_kept(stranger: Person, album: Album, bad: dict[str, str], words: str) -> None:
    answer = make(stranger, {**GOOD, **bad})
    assert answer.status_code == 400
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "At the lake" in answer.text or "description" in bad
    assert Album.objects.count() == 1
    assert words in Visitor(stranger.user).post(NEW, {**GOOD, **bad}, headers=JSON).json()["error"]
    assert Visitor(album.owner).post(settings_of(album), {**GOOD, **bad}).status_code == 400
    album.refresh_from_db()
    assert album.name == "Summer"


def test_nobody_makes_an_album_without_signing_in() -> None:
    for answer in (Client().get(NEW), Client().post(NEW, GOOD)):
        assert answer.status_code == 303
        assert answer["Location"].startswith(reverse("gallery:sign-in"))


def test_forms_need_their_token(album: Album, owner: Person) -> None:
    for path in (NEW, settings_of(album), delete_page(album)):
        assert Visitor(owner.user, csrf=True).post(path, GOOD).status_code == 403
    album.refresh_from_db()
    assert (album.name, album.deleted_at, Album.objects.count()) == ("Summer", None, 1)


def test_only_the_owner_has_settings(album: Album, member: Person, stranger: Person) -> None:
    for path in (settings_of(album), delete_page(album)):
        for person in (member, stranger):
            assert Visitor(person.user).get(path).status_code == 404
            assert Visitor(person.user).post(path, GOOD).status_code == 404
    album.refresh_from_db()
    assert (album.name, album.deleted_at) == ("Summer", None)


def test_the_owner_renames_it_and_closes_its_public_page(album: Album, owner: Person) -> None:
    assert 'name="public_page"' in Visitor(owner.user).get(settings_of(album)).text
    answer = Visitor(owner.user).post(settings_of(album), GOOD)
    assert answer.status_code == 303
    album.refresh_from_db()
    assert (album.name, album.public_page) == (GOOD["name"], False)
    assert Client().get(f"/invite_page?album_id={album.pk}").status_code == 404
    Visitor(owner.user).post(settings_of(album), {**GOOD, "public_page": "on"})
    album.refresh_from_db()
    assert album.public_page
    assert Client().get(f"/invite_page?album_id={album.pk}").status_code == 200


def test_a_time_that_a_client_has_set_stays_with_its_day(album: Album, owner: Person) -> None:
    at = datetime(2026, 7, 31, 18, 30, tzinfo=UTC)
    set_name_and_date(album=album, name="Summer", event_at=at)
    assert 'value="2026-07-31"' in Visitor(owner.user).get(settings_of(album)).text
    Visitor(owner.user).post(settings_of(album), GOOD)
    album.refresh_from_db()
    assert album.event_at == at


def test_deleting_says_what_goes_and_goes_to_the_trash(album: Album, owner: Person, member: Person) -> None:
    place_photos(album, member.user, 2)
    page = Visitor(owner.user).get(delete_page(album)).text
    assert "It holds 2 photos" in page
    assert "Its guest keeps their own photos" in page
    assert "For 30 days it is in your trash" in page
    answer = Visitor(owner.user).post(delete_page(album))
    assert (answer.status_code, answer["Location"]) == (303, reverse("gallery:trash"))
    assert not Album.objects.alive().exists()
    assert Visitor(owner.user).get(settings_of(album)).status_code == 404
    assert Visitor(owner.user).post(delete_page(album)).status_code == 404


def test_names_are_no_scripts(album: Album, owner: Person) -> None:
    Album.objects.filter(pk=album.pk).update(name=SCRIPT, description=f"</textarea>{SCRIPT}")
    for path in (settings_of(album), delete_page(album)):
        page = Visitor(owner.user).get(path).text
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "</textarea><script" not in page
