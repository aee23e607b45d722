import pytest

from albums.models import Album
from conftest import Caller, Person
from photos.models import Photo, PhotoLocalId
from photos.tests.builders import place_photo
from pickeez_site.dialects.pickeez.tests.shapes import (
    assert_absent,
    assert_refused,
    assert_signed_in_only,
    photos_in,
)


@pytest.fixture
def photo(owner: Person, album: Album) -> Photo:
    return place_photo(album, owner.user)


def test_every_member_has_their_own(owner: Person, member: Person, album: Album, photo: Photo) -> None:
    for person, value in [(owner, "123"), (member, "abc")]:
        answer = person.post(f"/photos/{photo.pk}/set_photo_local_id", {"photo_local_id": value})
        assert (answer.status_code, answer.json()) == (200, {"msg": "ok"})
    for person, value in [(owner, "123"), (member, "abc")]:
        assert person.get(f"/photos/{photo.pk}").json()["photo_local_id"] == value
        assert photos_in(person.get(f"/albums/{album.pk}").json())[0]["photo_local_id"] == value


def test_the_last_value_counts_and_an_empty_one_forgets(owner: Person, photo: Photo) -> None:
    for value, seen in [("1", "1"), ("2", "2"), ("", None)]:
        owner.post(f"/photos/{photo.pk}/set_photo_local_id", {"photo_local_id": value})
        assert owner.get(f"/photos/{photo.pk}").json()["photo_local_id"] == seen


def test_it_is_for_members_only(stranger: Person, nobody: Caller, photo: Photo) -> None:
    data = {"photo_local_id": "123"}
    assert_absent(stranger, "post", "/photos/{id}/set_photo_local_id", photo.pk, data)
    assert_signed_in_only(nobody, "post", f"/photos/{photo.pk}/set_photo_local_id", data)
    assert not PhotoLocalId.objects.exists()


@pytest.mark.parametrize("data", [{}, {"photo_local_id": "x" * 501}])
def test_a_value_that_is_missing_or_too_long_is_refused(owner: Person, photo: Photo, data: dict[str, str]) -> None:
    assert_refused(owner.post(f"/photos/{photo.pk}/set_photo_local_id", data), 400)
