import pytest

from albums.models import Album, PendingAlbum
from conftest import Caller, Person
from pickeez_site.dialects.pickeez.tests.shapes import (
    ALBUM,
    assert_absent,
    assert_refused,
    assert_signed_in_only,
)


def test_the_owner_renames_the_album_and_gets_it_back(owner: Person, member: Person, album: Album) -> None:
    answer = owner.post(f"/albums/{album.pk}", {"name": "donkey"})
    assert (answer.status_code, set(answer.json()), answer.json()["name"]) == (200, ALBUM, "donkey")
    assert answer.json()["updated_at"] > answer.json()["created_at"]
    assert answer.json() == owner.get(f"/albums/{album.pk}").json()
    assert member.get(f"/albums/{album.pk}").json()["name"] == "donkey"


@pytest.mark.parametrize("parameter", ["album_local_id", "local_album_id"])
def test_the_owners_local_id_is_taken_in_both_spellings(
    owner: Person, member: Person, album: Album, parameter: str
) -> None:
    assert owner.post(f"/albums/{album.pk}", {parameter: "device-7"}).json()["album_local_id"] == "device-7"
    assert member.get(f"/albums/{album.pk}").json()["album_local_id"] is None


def test_what_is_not_given_stays(owner: Person, album: Album) -> None:
    owner.post(f"/albums/{album.pk}", {"name": "donkey", "album_local_id": "device-7"})
    assert owner.post(f"/albums/{album.pk}").json()["name"] == "donkey"
    renamed = owner.post(f"/albums/{album.pk}", {"name": "horse"}).json()
    assert (renamed["name"], renamed["album_local_id"]) == ("horse", "device-7")


def test_deleted_true_deletes_the_album_and_may_be_repeated(owner: Person, member: Person, album: Album) -> None:
    PendingAlbum.objects.get_or_create(album=album)
    first, second = (owner.post(f"/albums/{album.pk}", {"deleted": "true"}) for _ in range(2))
    assert (first.status_code, set(first.json()), first.json()["deleted"]) == (200, ALBUM, True)
    assert (second.status_code, second.json()) == (200, first.json())
    assert owner.get("/albums/mine").json()["albums"] == member.get("/albums/mine").json()["albums"] == []
    assert not PendingAlbum.objects.exists()


def test_a_deleted_album_cannot_be_renamed(owner: Person, album: Album) -> None:
    owner.post(f"/albums/{album.pk}", {"deleted": "true"})
    assert_absent(owner, "post", "/albums/{id}", album.pk, {"name": "donkey"})


def test_deleted_false_deletes_nothing(owner: Person, album: Album) -> None:
    assert owner.post(f"/albums/{album.pk}", {"deleted": "false"}).json()["deleted"] is False


@pytest.mark.parametrize("change", [{"name": "donkey"}, {"deleted": "true"}, {"album_local_id": "7"}])
def test_only_the_owner_changes_the_album(
    member: Person, stranger: Person, nobody: Caller, owner: Person, album: Album, change: dict[str, str]
) -> None:
    assert_refused(member.post(f"/albums/{album.pk}", change), 403)
    assert_absent(stranger, "post", "/albums/{id}", album.pk, change)
    assert_signed_in_only(nobody, "post", f"/albums/{album.pk}", change)
    seen = owner.get(f"/albums/{album.pk}").json()
    assert (seen["name"], seen["deleted"], seen["album_local_id"]) == ("Summer", False, None)


@pytest.mark.parametrize("change", [{"name": ["a"]}, {"name": "x" * 501}, {"deleted": "maybe"}, {"name": "a\0"}])
def test_a_value_of_the_wrong_kind_changes_nothing(owner: Person, album: Album, change: dict[str, object]) -> None:
    assert_refused(owner.post_json(f"/albums/{album.pk}", change), 400)
    album.refresh_from_db()
    assert (album.name, album.deleted_at) == ("Summer", None)
