"""`/i/TOKEN`, the page behind an invitation's own link."""

import logging
from urllib.parse import urlsplit

import pytest
from pytest_django import Settings

from albums.models import Album, Invitation
from albums.services import invite_phones, set_public_page, uninvite_phones
from albums.services.links import invitation_link
from conftest import Caller, MakePicture, Person
from core.tests.answers import Answer
from photos.tests.builders import place_photo, place_photos
from pickeez_site.dialects.pickeez.tests.shapes import body_of
from pickeez_site.operations.observing.scrubbing import scrub

PHONE = "12025550144"
DEAD = "This link does not open an album"


@pytest.fixture
def path(album: Album) -> str:
    """The link of a phone that is invited to the album."""
    invite_phones(album=album, phones=[PHONE])
    link = invitation_link(str(Invitation.objects.get(phone=PHONE).pk))
    assert link
    return link[link.index("/i/") :]


def text_of(answer: Answer) -> str:
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    return answer.content.decode()


def test_whoever_has_the_link_sees_the_album_in_words(
    nobody: Caller, owner: Person, member: Person, stranger: Person, path: str
) -> None:
    for caller in (nobody, owner, member, stranger):
        for variant in (path, f"{path}/"):
            answer = caller.get(variant)
            text = text_of(answer)
            assert answer.status_code == 200
            assert "Owner invites you to" in text
            assert "Summer</h1>" in text
            assert "How to join" in text
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex"
    policy = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
    assert answer["Content-Security-Policy"] == policy


def test_it_shows_the_ten_newest_pictures_that_can_be_shown(
    nobody: Caller, owner: Person, album: Album, path: str
) -> None:
    photos = place_photos(album, owner.user, 12)
    place_photo(album, owner.user, status="failed")
    text = text_of(nobody.get(path))
    assert text.count("<img ") == 10
    assert [f"/media/{photo.pk}/medium/" in text for photo in photos] == [False] * 2 + [True] * 10
    assert "13 photos so far" in text


def test_its_pictures_can_be_fetched_by_who_has_no_account(
    nobody: Caller, owner: Person, album: Album, path: str, make_picture: MakePicture
) -> None:
    owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)})
    source = text_of(nobody.get(path)).split('<img src="')[1].split('"')[0]
    picture = nobody.get(source)
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
    assert body_of(picture)[:2] == b"\xff\xd8"


def test_its_pictures_may_come_from_the_bucket(
    nobody: Caller, album: Album, path: str, bucket: str, settings: Settings
) -> None:
    endpoint = urlsplit(settings.STORAGES["default"]["OPTIONS"]["endpoint_url"])
    for page, data in ((path, {}), ("/invite_page", {"album_id": album.pk})):
        answer = nobody.get(page, data, headers={"Accept": "text/html,*/*"})
        sources = answer["Content-Security-Policy"].split("img-src ")[1].split(";")[0].split()
        assert sources[0] == "'self'"
        assert urlsplit(sources[1]).netloc.endswith(endpoint.netloc)
        assert len(sources) == 2


def test_names_are_escaped(nobody: Caller, owner: Person, album: Album, path: str) -> None:
    Album.objects.update(name="<script>1</script>")
    assert "<script>" not in text_of(nobody.get(path))


def test_it_does_not_need_the_public_page(nobody: Caller, album: Album, path: str) -> None:
    set_public_page(album=album, public=False)
    assert nobody.get(path).status_code == 200
    assert nobody.get("/invite_page", {"album_id": album.pk}).status_code == 404


def test_a_dead_link_is_not_found_with_words_of_what_to_do(
    nobody: Caller, owner: Person, member: Person, stranger: Person, album: Album, path: str
) -> None:
    place = len(path) - 5
    for dead in (path[:-1], f"{path}A", path[:place] + "AAAAA", "/i/", "/i", "/i/x", "/i/a/b", "/i/%00", "/i/é"):
        answer = nobody.get(dead)
        assert (answer.status_code, DEAD in text_of(answer)) == (404, True), dead
    uninvite_phones(album=album, phones=[PHONE])
    for caller in (nobody, owner, member, stranger):
        answer = caller.get(path)
        text = text_of(answer)
        assert (answer.status_code, DEAD in text, "Summer" in text) == (404, True, False)
        assert "Ask the person who invited you" in text


def test_the_ids_of_album_and_invitation_are_no_links(nobody: Caller, album: Album, path: str) -> None:
    for pk in (album.pk, Invitation.objects.get(phone=PHONE).pk):
        assert nobody.get(f"/i/{pk}").status_code == 404


def test_it_only_shows(nobody: Caller, path: str) -> None:
    nobody.client.handler.enforce_csrf_checks = True  # as for real clients, which have no cookie of ours
    assert nobody.post(path).status_code == 405
    assert nobody.client.head(path).status_code == 200


def test_no_log_has_the_token(nobody: Caller, path: str, caplog: pytest.LogCaptureFixture) -> None:
    token = path.rpartition("/")[2]
    with caplog.at_level(logging.DEBUG):
        for variant in (path, f"{path}/", path[:-8], f"{path}/more", f"/i/{token[:5]}"):
            nobody.get(variant)
    lines = [record.getMessage() for record in caplog.records if record.name == "pickeez.access"]
    assert [line.split()[1] for line in lines] == ["/i/***"] * 5
    assert token[:-8] not in scrub(caplog.text), "as every line is scrubbed before it is written"
