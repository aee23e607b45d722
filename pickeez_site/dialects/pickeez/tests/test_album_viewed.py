from albums.models import Album, AlbumView
from conftest import Caller, Person
from pickeez_site.dialects.pickeez.tests.shapes import assert_absent, assert_refused, assert_signed_in_only


def test_those_who_viewed_are_listed_once_each(owner: Person, member: Person, album: Album) -> None:
    for person in (member, owner, member):
        answer = person.post(f"/albums/{album.pk}/viewed")
        assert (answer.status_code, answer.json()) == (200, {"msg": "ok"})
    assert owner.get(f"/albums/{album.pk}").json()["users_viewed"] == [member.id, owner.id]


def test_reading_an_album_is_not_viewing_it(owner: Person, album: Album) -> None:
    owner.get(f"/albums/{album.pk}")
    assert_refused(owner.get(f"/albums/{album.pk}/viewed"), 405)
    assert owner.get(f"/albums/{album.pk}").json()["users_viewed"] == []


def test_only_members_can_have_viewed_it(stranger: Person, nobody: Caller, album: Album) -> None:
    assert_absent(stranger, "post", "/albums/{id}/viewed", album.pk)
    assert_signed_in_only(nobody, "post", f"/albums/{album.pk}/viewed")
    assert not AlbumView.objects.exists()
