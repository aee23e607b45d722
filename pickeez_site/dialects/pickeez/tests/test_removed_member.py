"""Whoever is removed stops seeing the album at once; their photos leave with them and come back with them."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from accounts.services import verify_phone
from albums.models import Album, Invitation
from conftest import Caller, MakePicture, Person, committing
from core.tests.answers import Answer, Json
from faces.models import Sighting
from photos.models import Like, Photo
from photos.tests.builders import place_photo
from pickeez_site.dialects.pickeez.tests.shapes import assert_absent, assert_refused, photos_in, status_of

PASSWORD = "for-the-algorithm"


@pytest.fixture
def change(album: Album) -> Callable[..., Answer]:
    """Somebody invites or removes numbers; the answer."""

    def send(person: Person, *phones: str, remove: bool = True) -> Answer:
        data = {"phones[]": list(phones), "remove": str(remove).lower()}
        return person.post(f"/albums/{album.pk}/invite_phones", data)

    return send


@pytest.fixture
def photo(owner: Person, member: Person, album: Album) -> Photo:
    """A photo by the member, which shows the owner, who likes it."""
    photo = place_photo(album, member.user, ratio=1.5)
    Like.objects.create(photo=photo, user=owner.user, kind="like")
    Sighting.objects.create(photo=photo, user=owner.user, by="algorithm")
    return photo


def album_of(owner: Person, album: Album) -> dict[str, Json]:
    return owner.get(f"/albums/{album.pk}").json()


def of_the_algorithm(nobody: Caller, album: Album, member: str) -> list:
    data = {"password": PASSWORD, "forced_album_id": album.pk}
    return nobody.get("/albums/algo/get_pending", data).json()[member]


# How many photos (or members other than the owner) each reader is told of.
READERS = {
    "album": lambda owner, nobody, album: len(photos_in(album_of(owner, album))),
    "members": lambda owner, nobody, album: len(album_of(owner, album)["users"]) - 1,
    "phones": lambda owner, nobody, album: len(album_of(owner, album)["invited_phones"]),
    "filtered": lambda owner, nobody, album: album_of(owner, album)["total_filtered"],
    "processing": lambda owner, nobody, album: album_of(owner, album)["processing"]["photos_total"],
    "done": lambda owner, nobody, album: album_of(owner, album)["processing"]["photos_done"],
    "mine": lambda owner, nobody, album: len(photos_in(owner.get("/albums/mine").json()["albums"][0])),
    "page": lambda owner, nobody, album: len(nobody.get("/invite_page", {"album_id": album.pk}).json()["photos"]),
    "filtered-page": lambda owner, nobody, album: len(
        nobody.get("/invite_page", {"album_id": album.pk, "filtered": 1, "user_id": owner.id}).json()["photos"]
    ),
    "algorithm": lambda owner, nobody, album: len(of_the_algorithm(nobody, album, "photos")),
    "algorithm-users": lambda owner, nobody, album: len(of_the_algorithm(nobody, album, "users")) - 1,
}


@pytest.mark.parametrize("reader", READERS)
def test_for_every_reader_they_leave_at_once_and_come_back(
    settings: Settings,
    owner: Person,
    member: Person,
    nobody: Caller,
    album: Album,
    photo: Photo,
    change: Callable[..., Answer],
    reader: str,
) -> None:
    settings.ALGO_PASSWORD = PASSWORD
    settings.ALBUM_PROCESSOR = "external"
    told = READERS[reader]
    assert told(owner, nobody, album) == 1
    change(owner, member.phone)
    assert told(owner, nobody, album) == 0
    change(owner, member.phone, remove=False)
    assert told(owner, nobody, album) == 1


def test_the_photo_itself_and_its_urls_go_and_come_back(
    owner: Person,
    member: Person,
    nobody: Caller,
    album: Album,
    change: Callable[..., Answer],
    make_picture: MakePicture,
) -> None:
    photo = member.post("/photos/", {"album_id": album.pk, "file": make_picture(0)}).json()["_id"]
    fields = owner.get(f"/photos/{photo}").json()
    urls = [fields["url"], *(rendition["url"] for rendition in fields["renditions"].values())]
    assert len(urls) == 7
    change(owner, member.phone)
    assert_absent(owner, "get", "/photos/{id}", photo)
    assert {status_of(nobody, url) for url in urls} == {404}
    change(owner, member.phone, remove=False)
    assert owner.get(f"/photos/{photo}").json()["url"] == fields["url"]
    assert {status_of(nobody, url) for url in urls} == {200}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/albums/{id}"),
        ("post", "/albums/{id}"),
        ("post", "/albums/{id}/viewed"),
        ("post", "/albums/{id}/done_uploading"),
        ("post", "/albums/{id}/delete"),
    ],
)
def test_to_the_removed_the_album_is_as_absent_as_to_a_stranger(
    owner: Person, member: Person, album: Album, change: Callable[..., Answer], method: str, path: str
) -> None:
    change(owner, member.phone)
    assert_absent(member, method, path, album.pk)


def test_the_removed_see_no_photo_of_it_not_even_their_own(
    owner: Person, member: Person, album: Album, photo: Photo, change: Callable[..., Answer]
) -> None:
    other = place_photo(album, owner.user)
    change(owner, member.phone)
    for an_id in (photo.pk, other.pk):
        for method, path in [
            ("get", "/photos/{id}"),
            ("post", "/photos/{id}/set_filter"),
            ("post", "/photos/{id}/delete"),
        ]:
            assert_absent(member, method, path, an_id)
    assert member.get("/albums/mine").json()["albums"] == []


def test_the_removed_can_add_no_photo(
    owner: Person, member: Person, album: Album, change: Callable[..., Answer], make_picture: MakePicture
) -> None:
    change(owner, member.phone)
    answer = member.post("/photos/", {"album_id": album.pk, "file": make_picture(0)})
    assert (answer.status_code, album.photos.count()) == (404, 0)


def test_removing_answers_the_numbers_that_are_left_and_may_be_repeated(
    owner: Person, member: Person, album: Album, change: Callable[..., Answer]
) -> None:
    change(owner, "12025550144", remove=False)
    for _ in range(2):
        answer = change(owner, member.phone, "12025550199")
        assert answer.status_code == 200
        assert answer.json() == {"updated_album_phones": ["12025550144"], "link_id": str(album.pk)}


def test_a_number_removed_before_it_was_proved_admits_nobody(
    owner: Person, album: Album, change: Callable[..., Answer]
) -> None:
    change(owner, "12025550144", remove=False)
    change(owner, "12025550144")
    late = Person("Late", "12025550144")
    assert_absent(late, "get", "/albums/{id}", album.pk)
    assert album_of(owner, album)["pending_phones"] == []


def test_a_member_may_remove_exactly_their_own_number(
    owner: Person, member: Person, album: Album, change: Callable[..., Answer]
) -> None:
    change(owner, "12025550144", remove=False)
    assert_refused(change(member, "12025550144"), 403)
    assert_refused(change(member, member.phone, "12025550144"), 403)
    assert_refused(change(member, member.phone, remove=False), 403)
    assert Invitation.objects.live().count() == 2
    answer = change(member, "(202) 555-0122")
    assert (answer.status_code, answer.json()["updated_album_phones"]) == (200, ["12025550144"])
    assert_absent(member, "get", "/albums/{id}", album.pk)


def test_a_member_who_has_another_number_by_now_can_be_removed_by_either(
    owner: Person, member: Person, album: Album, change: Callable[..., Answer]
) -> None:
    for phone in (member.phone, "12025550177"):
        with committing():
            verify_phone(user=member.user, phone="12025550177")
        change(owner, member.phone, remove=False)
        change(owner, phone)
        assert_absent(member, "get", "/albums/{id}", album.pk)


def test_the_owner_cannot_be_removed(
    owner: Person, member: Person, album: Album, photo: Photo, change: Callable[..., Answer]
) -> None:
    change(owner, owner.phone)
    assert_refused(change(member, owner.phone), 403)
    assert owner.get(f"/albums/{album.pk}").status_code == 200


def test_the_removed_are_told_no_more(
    owner: Person, member: Person, album: Album, change: Callable[..., Answer], pushes: list[dict[str, Json]]
) -> None:
    change(owner, member.phone)
    pushes.clear()
    owner.post(f"/albums/{album.pk}/done_uploading")
    assert pushes == []


def test_leaving_again_changes_nothing_and_tells_nothing_new(
    owner: Person, member: Person, stranger: Person, album: Album, change: Callable[..., Answer]
) -> None:
    change(owner, "12025550144", remove=False)
    first = change(member, member.phone)
    change(owner, "12025550199", stranger.phone, remove=False)
    change(owner, "12025550144")
    again = change(member, member.phone)
    assert (again.status_code, again.json()) == (200, first.json())
    assert first.json() == {"updated_album_phones": ["12025550144"], "link_id": str(album.pk)}
    assert_absent(member, "get", "/albums/{id}", album.pk)


def test_whoever_never_was_in_it_cannot_leave(
    owner: Person, member: Person, stranger: Person, nobody: Caller, album: Album, change: Callable[..., Answer]
) -> None:
    change(owner, member.phone)
    assert change(stranger, stranger.phone).status_code == 404
    assert change(member, "12025550144").status_code == 404
    assert change(member, member.phone, remove=False).status_code == 404
    path = f"/albums/{album.pk}/invite_phones"
    assert nobody.post(path, {"phones[]": [member.phone], "remove": "true"}).status_code == 401
