import re

from albums.models import Album
from conftest import Caller, Person
from faces.models import Sighting
from photos.models import Like
from photos.tests.builders import place_photo
from pickeez_site.dialects.pickeez.tests.shapes import (
    PHOTO_ALONE,
    UTC,
    assert_absent,
    assert_signed_in_only,
)


def test_a_photo_that_nothing_is_known_of_has_every_member(owner: Person, album: Album) -> None:
    photo = place_photo(album, owner.user, status="new")
    seen = owner.get(f"/photos/{photo.pk}").json()
    assert set(seen) == PHOTO_ALONE
    times = seen.pop("created_at"), seen.pop("updated_at")
    assert all(re.fullmatch(UTC, time) for time in times)
    assert seen.pop("url").startswith(f"http://testserver/media/{photo.pk}/original/")
    assert seen == {
        "_id": str(photo.pk),
        "album_id": str(album.pk),
        "owner_id": owner.id,
        "s3_path": photo.s3_path,
        "s3_server_id": None,
        "renditions": {},
        "photo_creation_date": None,
        "local_creation_date": None,
        "photo_local_id": None,
        "num_faces": None,
        "rectangles": [],
        "detected_data": None,
        "status": "new",
        "error": None,
        "filters": {},
        "computed_filters": [],
        "algo_decision": {},
    }


def test_a_rendition_has_its_address_and_size(owner: Person, album: Album) -> None:
    photo = place_photo(album, owner.user)
    for kind, rendition in owner.get(f"/photos/{photo.pk}").json()["renditions"].items():
        assert set(rendition) == {"url", "width", "height"}
        assert (rendition["width"], rendition["height"]) == (3, 2)
        assert rendition["url"].startswith(f"http://testserver/media/{photo.pk}/{kind}/")


def test_a_picture_without_faces_has_none_of_them(owner: Person, album: Album) -> None:
    assert owner.get(f"/photos/{place_photo(album, owner.user).pk}").json()["num_faces"] == 0


def test_everybodys_opinions_and_decisions_are_told(
    owner: Person, member: Person, stranger: Person, album: Album
) -> None:
    photo = place_photo(album, owner.user)
    Like.objects.create(photo=photo, user=owner.user, kind="like")
    Like.objects.create(photo=photo, user=member.user, kind="dislike")
    Sighting.objects.create(photo=photo, user=owner.user, by="builtin")
    Sighting.objects.create(photo=photo, user=member.user, by="algorithm", found=False, in_last_call=True)
    Sighting.objects.create(photo=photo, user=stranger.user, by="algorithm", found=True)
    for person in (owner, member):
        seen = person.get(f"/photos/{photo.pk}").json()
        assert seen["filters"] == {owner.id: "like", member.id: "dislike"}
        assert sorted(seen["computed_filters"]) == sorted([owner.id, stranger.id])
        assert seen["algo_decision"] == {member.id: False}


def test_a_photo_of_a_library_is_its_owners_alone(owner: Person, member: Person, album: Album) -> None:
    photo = place_photo(None, owner.user)
    assert owner.get(f"/photos/{photo.pk}").json()["album_id"] is None
    assert_absent(member, "get", "/photos/{id}", photo.pk)


def test_it_is_for_members_only(
    owner: Person, member: Person, stranger: Person, nobody: Caller, album: Album
) -> None:
    photo = place_photo(album, owner.user)
    assert member.get(f"/photos/{photo.pk}/").status_code == 200
    assert_absent(stranger, "get", "/photos/{id}", photo.pk)
    assert_signed_in_only(nobody, "get", f"/photos/{photo.pk}")
