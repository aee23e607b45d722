from albums.models import Album, AlbumLocalId
from conftest import Caller, Person
from pickeez_site.dialects.pickeez.tests.shapes import (
    assert_absent,
    assert_refused,
    assert_signed_in_only,
)


def test_every_member_has_their_own(owner: Person, member: Person, album: Album) -> None:
    for person, value in [(owner, "123"), (member, "abc")]:
        answer = person.post(f"/albums/{album.pk}/set_album_local_id", {"album_local_id": value})
        assert (answer.status_code, answer.json()) == (200, {"msg": "ok"})
    assert owner.get(f"/albums/{album.pk}").json()["album_local_id"] == "123"
    assert member.get(f"/albums/{album.pk}").json()["album_local_id"] == "abc"
    assert member.get("/albums/mine").json()["albums"][0]["album_local_id"] == "abc"


def test_the_last_value_counts_and_an_empty_one_forgets(owner: Person, album: Album) -> None:
    path = f"/albums/{album.pk}/set_album_local_id"
    for value, seen in [("1", "1"), ("2", "2"), ("2", "2"), ("", None)]:
        assert owner.post(path, {"album_local_id": value}).json() == {"msg": "ok"}
        assert owner.get(f"/albums/{album.pk}").json()["album_local_id"] == seen
    assert not AlbumLocalId.objects.exists()


def test_it_is_for_members_only(stranger: Person, nobody: Caller, album: Album) -> None:
    data = {"album_local_id": "123"}
    assert_absent(stranger, "post", "/albums/{id}/set_album_local_id", album.pk, data)
    assert_signed_in_only(nobody, "post", f"/albums/{album.pk}/set_album_local_id", data)
    assert not AlbumLocalId.objects.exists()


def test_a_value_that_is_too_long_is_refused(owner: Person, album: Album) -> None:
    answer = owner.post(f"/albums/{album.pk}/set_album_local_id", {"album_local_id": "x" * 501})
    assert_refused(answer, 400)


def test_a_value_that_is_missing_is_refused(owner: Person, album: Album) -> None:
    answer = owner.post(f"/albums/{album.pk}/set_album_local_id")
    assert_refused(answer, 400, "Missing parameter: album_local_id")
