"""`public_page` of `POST /albums/ID`: the album's owner opens and closes what people see without an invitation."""

import pytest

from albums.models import Album
from conftest import Caller, Person
from photos.tests.builders import place_photo
from pickeez_site.dialects.pickeez.tests.shapes import (
    ALBUM,
    NOT_FOUND,
    assert_absent,
    assert_refused,
    assert_signed_in_only,
)


def pages(album: Album, *callers: Caller) -> list[int]:
    """The statuses of the invite page, for programs and browsers."""
    accepts = ("application/json", "text/html,*/*")
    query = {"album_id": album.pk}
    return [
        caller.get("/invite_page", query, headers={"Accept": accept}).status_code
        for caller in callers
        for accept in accepts
    ]


def group(person: Person, album: Album) -> dict[str, object]:
    answer = person.get(f"/v1/Group/{album.pk}")
    assert answer.status_code == 200
    fields: dict[str, object] = answer.json()
    return fields


def test_a_closed_page_is_not_found_for_anybody(
    owner: Person, member: Person, stranger: Person, nobody: Caller, album: Album
) -> None:
    everybody = (owner, member, stranger, nobody)
    assert set(pages(album, *everybody)) == {200}
    answer = owner.post(f"/albums/{album.pk}", {"public_page": "false"})
    assert (answer.status_code, set(answer.json())) == (200, ALBUM)
    assert set(pages(album, *everybody)) == {404}
    assert nobody.get("/invite_page", {"album_id": album.pk}).json() == NOT_FOUND
    assert member.get(f"/albums/{album.pk}").status_code == 200, "members see the album as before"
    owner.post_json(f"/albums/{album.pk}", {"public_page": True})
    assert set(pages(album, *everybody)) == {200}


def test_the_token_of_the_group_opens_nothing_then_and_is_a_new_one_when_it_is_opened_again(
    owner: Person, member: Person, stranger: Person, nobody: Caller, album: Album
) -> None:
    place_photo(album, owner.user)
    path, old = f"/v1/Group/{album.pk}/Photo", group(owner, album)["Token"]
    assert len(nobody.get(path, {"Token": old}).json()["Public"]) == 1
    owner.post(f"/albums/{album.pk}", {"public_page": "false"})
    assert [group(person, album)["Token"] for person in (owner, member)] == [None, None]
    for token in (old, "", "None", "null"):
        for caller in (nobody, stranger):
            assert caller.get(path, {"Token": token}).status_code in (401, 404)
    assert len(member.get(path).json()["Photos"]) == 1
    owner.post(f"/albums/{album.pk}", {"public_page": "true"})
    new = group(owner, album)["Token"]
    assert new not in (None, old)
    assert nobody.get(path, {"Token": old}).status_code == 404
    assert len(nobody.get(path, {"Token": new}).json()["Public"]) == 1


def test_repeating_it_and_other_changes_keep_the_token(owner: Person, album: Album) -> None:
    token = group(owner, album)["Token"]
    for change in ({"public_page": "true"}, {"name": "donkey"}, {}):
        owner.post(f"/albums/{album.pk}", change)
    assert group(owner, album)["Token"] == token
    for _ in range(2):
        owner.post(f"/albums/{album.pk}", {"public_page": "false"})
    owner.post(f"/albums/{album.pk}", {"name": "horse"})
    assert group(owner, album)["Token"] is None


def test_only_the_owner_closes_and_opens_it(
    owner: Person, member: Person, stranger: Person, nobody: Caller, album: Album
) -> None:
    for public in (True, False):
        change = {"public_page": str(not public).lower()}
        assert_refused(member.post(f"/albums/{album.pk}", change), 403)
        assert_absent(stranger, "post", "/albums/{id}", album.pk, change)
        assert_signed_in_only(nobody, "post", f"/albums/{album.pk}", change)
        assert Album.objects.get().public_page is public
        owner.post(f"/albums/{album.pk}", {"public_page": "false"})


@pytest.mark.parametrize("value", ["maybe", "2", "closed"])
def test_what_is_neither_yes_nor_no_is_refused(owner: Person, album: Album, value: str) -> None:
    assert_refused(owner.post(f"/albums/{album.pk}", {"public_page": value, "name": "donkey"}), 400)
    assert (Album.objects.get().public_page, Album.objects.get().name) == (True, "Summer")
