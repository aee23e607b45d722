import re

import pytest

from accounts.models import User
from albums.models import Album, Filtering, Invitation
from albums.services import delete_album, invite_phones
from conftest import Caller, Person
from core.tests.presence import present
from faces.models import Sighting
from photos.models import Like
from photos.services import trash_photo
from photos.tests.builders import place_photo, place_photos
from pickeez_site.dialects.pickeez.tests.shapes import (
    ALBUM,
    OTHER_USER,
    PHOTO_IN_ALBUM,
    RENDITIONS,
    UTC,
    assert_absent,
    assert_signed_in_only,
    number_of_queries,
    photos_in,
)


def test_a_new_album_has_every_member_and_null_where_nothing_is_known(owner: Person, album: Album) -> None:
    seen = owner.get(f"/albums/{album.pk}").json()
    times = seen.pop("created_at"), seen.pop("updated_at")
    users = seen.pop("users")
    assert all(re.fullmatch(UTC, time) for time in times)
    assert seen == {
        "_id": str(album.pk),
        "name": "Summer",
        "owner_id": owner.id,
        "owner_name": "Owner",
        "owner": {"_id": owner.id, "name": "Owner", "pic_url": None},
        "deleted": False,
        "invited_phones": ["12025550122"],
        "pending_phones": [],
        "users_viewed": [],
        "times_filtered": [],
        "ever_filtered": False,
        "album_local_id": None,
        "total_filtered": 0,
        "processing": {"state": "idle", "photos_total": 0, "photos_done": 0, "photos_failed": 0},
        "photos_next": None,
    }
    assert [user["_id"] for user in users] == [str(Invitation.objects.get().claimed_by_id), owner.id]


def test_an_album_that_nobody_was_invited_to_is_idle(owner: Person) -> None:
    created = owner.post("/albums/create", {"name": "Alone"}).json()
    seen = owner.get(f"/albums/{created['_id']}").json()
    assert set(seen) == ALBUM
    assert seen["processing"] == {"state": "idle", "photos_total": 0, "photos_done": 0, "photos_failed": 0}
    assert (seen["invited_phones"], len(seen["users"])) == ([], 1)


def test_users_have_their_photos_oldest_first_and_the_owner_is_last(
    owner: Person, member: Person, album: Album
) -> None:
    owned, given = place_photos(album, owner.user, 2), place_photos(album, member.user, 2)
    users = member.get(f"/albums/{album.pk}").json()["users"]
    assert [(user["_id"], user["is_owner"]) for user in users] == [(member.id, False), (owner.id, True)]
    assert [[photo["_id"] for photo in user["photos"]] for user in users] == [
        [str(photo.pk) for photo in given],
        [str(photo.pk) for photo in owned],
    ]
    assert {frozenset(user) for user in users} == {frozenset(OTHER_USER | {"photos"})}


def test_others_see_no_secret_of_a_user(owner: Person, member: Person, album: Album) -> None:
    User.objects.update(email="one@example.org")
    answer = owner.get(f"/albums/{album.pk}")
    assert answer.json()["users"][0] == {
        "_id": member.id,
        "fb_id": None,
        "name": "Member",
        "pic_url": None,
        "phone": "12025550122",
        "verified_phone": "12025550122",
        "is_owner": False,
        "photos": [],
    }
    for secret in (b"device-of-", b"example.org", member.token.encode()):
        assert secret not in answer.content


def test_a_photo_in_an_album_is_seen_with_the_callers_own_eyes(
    owner: Person, member: Person, album: Album
) -> None:
    liked, shown, disliked = place_photos(album, owner.user, 3)
    Like.objects.create(photo=liked, user=member.user, kind="like")
    Like.objects.create(photo=disliked, user=member.user, kind="dislike")
    Sighting.objects.create(photo=shown, user=member.user, by="builtin", score=1)
    wanted = {
        member: [(True, False, False), (False, False, True), (False, True, False)],
        owner: [(False, False, False)] * 3,
    }
    for person, booleans in wanted.items():
        photos = photos_in(person.get(f"/albums/{album.pk}").json())
        assert [set(photo) for photo in photos] == [PHOTO_IN_ALBUM] * 3
        assert [
            (photo["manually_filtered"], photo["manually_unfiltered"], photo["computed"]) for photo in photos
        ] == booleans
        assert {frozenset(photo["renditions"]) for photo in photos} == {frozenset(RENDITIONS)}


@pytest.mark.parametrize(
    ("like", "sighting", "counted"),
    [
        ("like", None, 1),
        (None, True, 1),
        ("like", True, 1),
        ("dislike", True, 0),
        ("dislike", None, 0),
        ("none", True, 1),
        ("none", None, 0),
        ("like", False, 1),
        (None, False, 0),
        (None, None, 0),
    ],
)
def test_a_photo_is_counted_once_when_liked_or_shown_and_not_when_disliked(
    owner: Person, member: Person, album: Album, like: str | None, sighting: bool | None, counted: int
) -> None:
    photo, _ = place_photos(album, owner.user, 2)
    if like:
        Like.objects.create(photo=photo, user=member.user, kind=like)
    if sighting is not None:
        Sighting.objects.create(photo=photo, user=member.user, by="algorithm", found=sighting)
    Like.objects.create(photo=photo, user=owner.user, kind="dislike")
    assert member.get(f"/albums/{album.pk}").json()["total_filtered"] == counted


def test_a_deleted_photo_is_neither_listed_nor_counted(owner: Person, member: Person, album: Album) -> None:
    photo = place_photo(album, owner.user)
    Like.objects.create(photo=photo, user=member.user, kind="like")
    trash_photo(photo=photo)
    seen = member.get(f"/albums/{album.pk}").json()
    assert (photos_in(seen), seen["total_filtered"], seen["processing"]["photos_total"]) == ([], 0, 0)


def test_pending_phones_are_those_that_nobody_has_verified_in_national_format(
    owner: Person, album: Album, stranger: Person
) -> None:
    invite_phones(album=album, phones=["972522934321", stranger.phone, "12025550155", "555"])
    seen = owner.get(f"/albums/{album.pk}").json()
    assert seen["pending_phones"] == ["052-293-4321", "(202) 555-0155", "555"]
    assert seen["invited_phones"] == ["12025550122", "972522934321", "12025550133", "12025550155", "555"]


def test_processing_counts_end_with_done_and_failed_as_the_total(owner: Person, album: Album) -> None:
    place_photos(album, owner.user, 3)
    place_photo(album, owner.user, status="failed")
    place_photo(album, owner.user, status="processing")
    counts = owner.get(f"/albums/{album.pk}").json()["processing"]
    assert counts == {"state": "running", "photos_total": 5, "photos_done": 3, "photos_failed": 1}


def test_times_of_filtering_are_listed_oldest_first(owner: Person, album: Album) -> None:
    times = [Filtering.objects.create(album=album).created_at for _ in range(2)]
    seen = owner.get(f"/albums/{album.pk}").json()
    assert seen["times_filtered"] == [time.isoformat().replace("+00:00", "Z") for time in times]
    assert seen["ever_filtered"] is True


def test_to_a_stranger_the_album_does_not_exist(stranger: Person, nobody: Caller, album: Album) -> None:
    assert_absent(stranger, "get", "/albums/{id}", album.pk)
    assert_signed_in_only(nobody, "get", f"/albums/{album.pk}")


def test_a_deleted_album_does_not_exist_any_more(owner: Person, member: Person, album: Album) -> None:
    delete_album(album=album)
    for person in (owner, member):
        assert_absent(person, "get", "/albums/{id}", album.pk)


def test_the_id_is_matched_with_a_slash_and_not_in_another_spelling(owner: Person, album: Album) -> None:
    assert owner.get(f"/albums/{album.pk}/").status_code == 200
    for spelling in (album.pk.hex, f"{{{album.pk}}}", f"urn:uuid:{album.pk}"):
        assert owner.get(f"/albums/{spelling}").status_code == 404


def test_three_thousand_photos_of_ten_members_cost_as_many_queries_as_ten_of_two(
    owner: Person, member: Person, album: Album
) -> None:
    place_photos(album, member.user, 10)
    few = number_of_queries(owner.get, f"/albums/{album.pk}")
    guests = User.objects.bulk_create(
        [User(name=f"Guest {number}", verified_phone=f"1202555020{number}") for number in range(8)]
    )
    Invitation.objects.bulk_create(
        [Invitation(album=album, phone=present(guest.verified_phone), claimed_by=guest) for guest in guests]
    )
    for guest in guests:
        photos = place_photos(album, guest, 374)
        Sighting.objects.bulk_create([Sighting(photo=photo, user=owner.user, by="builtin") for photo in photos])
    assert number_of_queries(owner.get, f"/albums/{album.pk}") == few
    assert few <= 20
