import pytest

from albums.models import Album
from conftest import Caller, Person
from photos.models import Like, Photo
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


@pytest.mark.parametrize(
    ("kind", "kept", "booleans"),
    [
        ("like", "like", (True, False)),
        ("dislike", "dislike", (False, True)),
        ("none", "none", (False, False)),
        ("", "none", (False, False)),
        ("LIKE", "none", (False, False)),
        ("anything", "none", (False, False)),
    ],
)
def test_a_member_likes_dislikes_or_takes_it_back(
    owner: Person, member: Person, album: Album, photo: Photo, kind: str, kept: str, booleans: tuple[bool, bool]
) -> None:
    member.post(f"/photos/{photo.pk}/set_filter", {"type": "like"})
    for _ in range(2):
        answer = member.post(f"/photos/{photo.pk}/set_filter", {"type": kind})
        assert (answer.status_code, answer.json()) == (200, {"msg": "ok"})
    assert owner.get(f"/photos/{photo.pk}").json()["filters"] == {member.id: kept}
    (seen,) = photos_in(member.get(f"/albums/{album.pk}").json())
    assert (seen["manually_filtered"], seen["manually_unfiltered"]) == booleans
    (seen,) = photos_in(owner.get(f"/albums/{album.pk}").json())
    assert (seen["manually_filtered"], seen["manually_unfiltered"]) == (False, False)


def test_without_a_type_it_is_taken_back(member: Person, photo: Photo) -> None:
    member.post(f"/photos/{photo.pk}/set_filter", {"type": "like"})
    assert member.post(f"/photos/{photo.pk}/set_filter").json() == {"msg": "ok"}
    assert member.get(f"/photos/{photo.pk}").json()["filters"] == {member.id: "none"}


def test_it_is_for_members_only(stranger: Person, nobody: Caller, photo: Photo) -> None:
    assert_absent(stranger, "post", "/photos/{id}/set_filter", photo.pk, {"type": "like"})
    assert_signed_in_only(nobody, "post", f"/photos/{photo.pk}/set_filter", {"type": "like"})
    assert not Like.objects.exists()


def test_looking_changes_nothing(member: Person, photo: Photo) -> None:
    assert_refused(member.get(f"/photos/{photo.pk}/set_filter", {"type": "like"}), 405)
    assert not Like.objects.exists()
