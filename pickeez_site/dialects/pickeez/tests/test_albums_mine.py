import pytest

from albums.models import Album, Invitation
from albums.services import create_album, delete_album, invite_phones, uninvite_phones
from conftest import Caller, Person
from core.tests.answers import Json
from photos.tests.builders import place_photo, place_photos
from pickeez_site.dialects.pickeez.tests.shapes import (
    ALBUM,
    PHOTO_IN_ALBUM,
    assert_refused,
    assert_signed_in_only,
    number_of_queries,
    photos_in,
)


def names(person: Person, **parameters: str) -> list[str]:
    return [album["name"] for album in person.get("/albums/mine", parameters).json()["albums"]]


@pytest.fixture
def albums(owner: Person) -> list[Album]:
    return [create_album(owner=owner.user, name=str(number)) for number in range(5)]


def test_nobody_has_no_albums_and_a_new_user_none(nobody: Caller, stranger: Person) -> None:
    assert_signed_in_only(nobody, "get", "/albums/mine")
    answer = stranger.get("/albums/mine")
    assert (answer.status_code, answer.json()) == (200, {"albums": [], "next_before": None})


def test_each_album_is_all_that_the_album_itself_answers(owner: Person, member: Person, album: Album) -> None:
    place_photo(album, member.user)
    for person in (owner, member):
        (listed,) = person.get("/albums/mine").json()["albums"]
        assert set(listed) == ALBUM
        assert listed == person.get(f"/albums/{album.pk}").json()
        assert listed["owner"] == {"_id": owner.id, "name": "Owner", "pic_url": None}
        assert [set(photo) for photo in photos_in(listed)] == [PHOTO_IN_ALBUM]


def test_owned_and_joined_albums_come_newest_first(owner: Person, member: Person) -> None:
    for person, name in [(owner, "first"), (member, "second"), (owner, "third")]:
        made = create_album(owner=person.user, name=name)
        invite_phones(album=made, phones=[owner.phone, member.phone])
    assert names(owner) == names(member) == ["third", "second", "first"]


def test_a_stranger_sees_none_of_them(stranger: Person, album: Album) -> None:
    assert names(stranger) == []


def test_deleted_albums_are_left_out(owner: Person, member: Person, album: Album) -> None:
    delete_album(album=album)
    assert names(owner) == names(member) == []


def test_albums_that_a_member_was_removed_from_are_left_out(owner: Person, member: Person, album: Album) -> None:
    uninvite_phones(album=album, phones=[member.phone])
    assert (names(owner), names(member)) == (["Summer"], [])


def test_an_unverified_number_shows_nothing(stranger: Person, owner: Person, sms: list[dict[str, Json]]) -> None:
    invite_phones(album=create_album(owner=owner.user, name="Winter"), phones=["12025550144"])
    assert stranger.post("/set_phone", {"phone": "12025550144"}).status_code == 200
    assert names(stranger) == []
    stranger.post("/confirm_phone", {"code": sms[-1]["body"].split()[-1]})
    assert names(stranger) == ["Winter"]


def test_pages_follow_each_other_without_gap_or_double(owner: Person, albums: list[Album]) -> None:
    seen, before = [], None
    while True:
        page = owner.get("/albums/mine", {"limit": 2, **({"before": before} if before else {})}).json()
        seen.append([album["name"] for album in page["albums"]])
        before = page["next_before"]
        if before is None:
            break
        assert before == page["albums"][-1]["_id"]
    assert seen == [["4", "3"], ["2", "1"], ["0"]]


def test_before_names_the_album_after_which_to_go_on(owner: Person, albums: list[Album]) -> None:
    assert names(owner, before=str(albums[2].pk)) == ["1", "0"]
    assert names(owner, before=str(albums[0].pk)) == []


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1.5", "101", "9" * 30])
def test_a_limit_that_is_none_is_refused(owner: Person, limit: str) -> None:
    assert_refused(owner.get("/albums/mine", {"limit": limit}), 400)


@pytest.mark.parametrize(("photos", "listed"), [("0", 0), ("false", 0), ("1", 3), (None, 3)])
def test_photos_can_be_left_out_and_are_still_counted(
    owner: Person, album: Album, photos: str | None, listed: int
) -> None:
    place_photos(album, owner.user, 3)
    (seen,) = owner.get("/albums/mine", {"photos": photos} if photos else {}).json()["albums"]
    assert set(seen) == ALBUM
    assert len(photos_in(seen)) == listed
    assert seen["processing"]["photos_total"] == 3


def test_fifty_albums_cost_as_many_queries_as_five(owner: Person, member: Person) -> None:
    def add_albums(number: int) -> None:
        for _ in range(number):
            made = create_album(owner=owner.user, name="Summer", local_id="device-7")
            Invitation.objects.create(album=made, phone=member.phone, claimed_by=member.user)
            place_photos(made, member.user, 2)

    add_albums(5)
    few = number_of_queries(owner.get, "/albums/mine")
    add_albums(45)
    assert number_of_queries(owner.get, "/albums/mine") == few
    assert few <= 20
