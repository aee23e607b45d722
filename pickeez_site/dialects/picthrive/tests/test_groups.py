from collections.abc import Callable

import pytest

from albums.models import Album
from albums.services import create_album, delete_album
from conftest import Caller, Person
from photos.models import Photo
from photos.services import trash_photo
from photos.tests.builders import place_photo, place_photos
from pickeez_site.dialects.picthrive import wire
from pickeez_site.dialects.picthrive.tests.shapes import (
    GROUP,
    assert_refused,
    assert_signed_in_only,
    call,
    fetch,
    number_of_queries,
)
from pickeez_site.dialects.picthrive.wire import EARLIEST, LATEST


def test_a_made_group_is_answered_and_is_an_album_everywhere(owner: Person) -> None:
    answer = call(owner, "POST", "/v1/Group/", {"Name": " Wedding ", "WhenUnix": 1449791030})
    assert (answer.status_code, set(answer.json())) == (201, GROUP)
    group = answer.json()
    assert (group["OwnerId"], group["Name"], group["WhenUnix"]) == (owner.id, "Wedding", 1449791030)
    assert (group["Count"], group["Thumb"], group["ThumbRegion"]) == (0, None, None)
    assert (group["Deleted"], group["UploadingUnix"]) == (False, None)
    assert len(group["Token"]) == 12
    assert owner.get(f"/v1/Group/{group['GroupId']}").json() == group
    assert owner.get(f"/albums/{group['GroupId']}").json()["name"] == "Wedding"


def test_creating_makes_a_new_group_every_time(owner: Person) -> None:
    groups = [call(owner, "POST", "/v1/Group", {"Name": "Same"}).json() for _ in range(2)]
    assert len({group["GroupId"] for group in groups}) == len({group["Token"] for group in groups}) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'{"Name": 3}',
        b'{"Name": ["a"]}',
        b'{"Name": "%s"}' % (b"a" * 501),
        b'{"Name": "a\\u0000"}',
        b'{"Name": "a\\ud800"}',
        b'{"Name": "a", "WhenUnix": "today"}',
        b'{"Name": "a", "WhenUnix": true}',
        b'{"Name": "a", "WhenUnix": 1.5}',
        b'{"Name": "a", "WhenUnix": 1e400}',
        b'{"Name": "a", "WhenUnix": 99999999999999999999}',
        b'{"Name": "a", "WhenUnix": 253402300800}',
        b'{"Name": "a", "WhenUnix": -62135596801}',
        b'{"Name": "a", "WhenUnix": NaN}',
    ],
)
def test_what_is_no_group_is_a_400(owner: Person, body: bytes) -> None:
    assert_refused(call(owner, "POST", "/v1/Group", body), 400)
    assert not Album.objects.exists()


@pytest.mark.parametrize("body", [b"", b"{}", b'{"Name": ""}', b'{"Name": " "}', b'{"Name": null}'])
def test_a_group_needs_no_name(owner: Person, nobody: Caller, body: bytes) -> None:
    answer = call(owner, "POST", "/v1/Group/", body)
    assert (answer.status_code, answer.json()["Name"]) == (201, "")
    assert_refused(call(nobody, "POST", "/v1/Group/", body), 401)


@pytest.mark.parametrize(
    "more", [b'"x": "\\u0000"', b'"\\u0000": 1', b'"x": [{"y": "\\u0000"}]', b'"WhenUnix": null']
)
def test_members_that_nobody_reads_may_be_anything(owner: Person, more: bytes) -> None:
    assert call(owner, "POST", "/v1/Group", b'{"Name": "a", %s}' % more).status_code == 201


def test_a_whole_number_may_have_a_point(owner: Person) -> None:
    assert call(owner, "POST", "/v1/Group", b'{"Name": "a", "WhenUnix": 1000.0}').json()["WhenUnix"] == 1000


@pytest.mark.parametrize("when", [EARLIEST, -1, LATEST])
def test_every_time_that_there_is_a_date_of_comes_back(owner: Person, when: int) -> None:
    group = call(owner, "POST", "/v1/Group", {"Name": "a", "WhenUnix": when}).json()
    assert owner.get(f"/v1/Group/{group['GroupId']}").json()["WhenUnix"] == when


@pytest.mark.parametrize("when", [-1, 0, -62135596800, 253402300799])
def test_any_time_there_was_or_will_be_is_taken(owner: Person, when: int) -> None:
    assert call(owner, "POST", "/v1/Group", {"Name": "a", "WhenUnix": when}).json()["WhenUnix"] == when


def test_the_callers_groups_are_listed_the_newest_first(
    owner: Person, member: Person, stranger: Person, album: Album, other_album: Album
) -> None:
    gone = create_album(owner=owner.user)
    delete_album(album=gone)
    ids = {
        person: [group["GroupId"] for group in person.get("/v1/Group/").json()["Groups"]]
        for person in (owner, member, stranger)
    }
    assert ids == {owner: [str(other_album.pk), str(album.pk)], member: [str(album.pk)], stranger: []}
    assert set(owner.get("/v1/Group/").json()) == {"Groups"}


def test_a_group_counts_its_photos_and_shows_the_first_that_can_be_seen(
    owner: Person, nobody: Caller, album: Album, upload: Callable[..., Photo]
) -> None:
    upload(owner, album, "b.png")
    first = upload(owner, album, "a.png")
    trash_photo(photo=upload(owner, album, "0.png"))
    place_photo(album, owner.user, status="failed")
    (group,) = owner.get("/v1/Group").json()["Groups"]
    assert (group["Count"], group["ThumbRegion"]) == (3, "picthrive-dyn")
    assert f"/media/{first.pk}/small/" in group["Thumb"]
    assert fetch(nobody.client, group["Thumb"])[0] == 200


def test_a_new_photo_or_a_deleted_one_is_an_update_of_the_group(
    owner: Person, album: Album, upload: Callable[..., Photo]
) -> None:
    times = [owner.get(f"/v1/Group/{album.pk}").json()["LastUpdatedUnix"]]
    photo = upload(owner, album)
    Album.objects.update(updated_at="2020-01-01T00:00Z")
    assert (
        owner.get(f"/v1/Group/{album.pk}").json()["LastUpdatedUnix"]
        == int(photo.updated_at.timestamp())
        >= times[0]
    )


def test_more_groups_than_an_answer_takes_are_read_page_by_page(
    owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MAX_GROUPS", 2)
    made = [str(create_album(owner=owner.user).pk) for _ in range(5)]
    seen: list[str] = []
    after: dict[str, str] = {}
    for _ in range(3):
        page = owner.get("/v1/Group/", after).json()
        seen += [group["GroupId"] for group in page["Groups"]]
        after = {"After": page.get("Next")}
    assert (seen, "Next" in page) == (made[::-1], False)
    assert owner.get("/v1/Group/", {"After": "123"}).json()["Groups"] == []


def test_a_hundred_groups_cost_as_many_queries_as_two(owner: Person) -> None:
    def fill(number: int) -> None:
        for album in Album.objects.bulk_create([Album(owner=owner.user) for _ in range(number)]):
            place_photos(album, owner.user, 2)
        owner.get("/v1/Group")  # gives the tokens

    fill(2)
    few = number_of_queries(owner, "GET", "/v1/Group")
    fill(98)
    assert number_of_queries(owner, "GET", "/v1/Group") == few <= 10
    assert len(owner.get("/v1/Group").json()["Groups"]) == 100


def test_nobody_is_asked_to_sign_in(nobody: Caller, db: None) -> None:
    assert_signed_in_only(nobody, "GET", "/v1/Group/")
    assert_signed_in_only(nobody, "POST", "/v1/Group/", {"Name": "a"})
