from collections.abc import Callable

import pytest

from albums.models import Album, PendingAlbum
from albums.services import create_album
from conftest import Caller, MakePicture, Person, committing
from core.tests.answers import Answer
from faces.models import Sighting
from photos.models import Like, Original, Photo
from photos.tasks import prepare_original
from photos.tests.builders import place_photo
from pickeez_site.dialects.picthrive.tests.shapes import (
    SUFFIXES,
    assert_absent,
    call,
    fetch,
    number_of_queries,
)


def copy(person: Person, photo: Photo, album: Album) -> Answer:
    return call(person, "PUT", f"/v1/Photo/{photo.pk}", {"GroupId": str(album.pk), "DoCopy": True})


def test_a_copy_is_a_photo_of_its_own_that_shares_file_and_analysis(
    owner: Person,
    member: Person,
    nobody: Caller,
    album: Album,
    upload: Callable[..., Photo],
    stored: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo = upload(owner, album, "IMG_09.png")
    files = stored()
    monkeypatch.setattr("faces.services.originals.read_picture", None)  # whoever decodes now fails
    target = create_album(owner=member.user, name="Mine")
    answer = copy(member, photo, target)
    assert (answer.status_code, set(answer.json())) == (200, {"PhotoId"})
    first, second = (
        owner.get(f"/v1/Photo/{photo.pk}").json(),
        member.get(f"/v1/Photo/{answer.json()['PhotoId']}").json(),
    )
    assert second["PhotoId"] != first["PhotoId"]
    assert (second["GroupId"], second["OwnerId"]) == (str(target.pk), member.id)
    for name in ("SortOrder", "Ratio", "Width", "Height", "Megapixels", "Hue", "Region", "Deleted"):
        assert second[name] == first[name]
    for name in SUFFIXES:
        assert second[name] != first[name]
        assert fetch(nobody.client, second[name]) == fetch(nobody.client, first[name])
    assert (stored(), Original.objects.count()) == (files, 1)
    assert PendingAlbum.objects.filter(album=target).exists()


def test_copying_makes_a_new_photo_every_time_also_in_the_same_group(owner: Person, album: Album) -> None:
    photo = place_photo(album, owner.user)
    ids = {copy(owner, photo, album).json()["PhotoId"] for _ in range(3)} | {str(photo.pk)}
    assert {p["PhotoId"] for p in owner.get(f"/v1/Group/{album.pk}/Photo").json()["Photos"]} == ids
    assert len(ids) == 4


def test_deleting_one_leaves_the_others(
    owner: Person, nobody: Caller, album: Album, upload: Callable[..., Photo]
) -> None:
    photo = upload(owner, album)
    copied = copy(owner, photo, album).json()["PhotoId"]
    again = copy(owner, Photo.objects.get(pk=copied), album).json()["PhotoId"]
    call(owner, "DELETE", f"/v1/Photo/{copied}")
    for survivor in (photo.pk, again):
        assert fetch(nobody.client, owner.get(f"/v1/Photo/{survivor}").json()["Medium"])[0] == 200


def test_a_copy_knows_of_its_members_who_is_on_it_and_not_what_was_thought_of_the_other(
    owner: Person, member: Person, stranger: Person, album: Album, other_album: Album
) -> None:
    photo = place_photo(album, member.user)
    for person, by in ((owner, "algorithm"), (member, "builtin"), (stranger, "builtin")):
        Sighting.objects.create(photo=photo, user=person.user, by=by, score=0.5)
    Like.objects.create(photo=photo, user=owner.user, kind="like")
    copied = copy(owner, photo, other_album).json()["PhotoId"]
    assert list(Sighting.objects.filter(photo=copied).values_list("user", "by", "shows")) == [
        (owner.user.pk, "algorithm", True)
    ]
    assert not Like.objects.filter(photo=copied).exists()


def test_registering_the_path_in_the_group_of_a_copy_names_a_photo_of_its_own(owner: Person, album: Album) -> None:
    photo = place_photo(album, owner.user)
    copied = copy(owner, photo, album).json()["PhotoId"]
    call(owner, "DELETE", f"/v1/Photo/{copied}")
    answer = owner.post("/photos/", {"album_id": album.pk, "s3_path": photo.s3_path})
    assert answer.json() == {"_id": str(photo.pk)}
    assert Photo.objects.get(pk=copied).deleted_at


@pytest.mark.parametrize("status", ["new", "processing"])
def test_a_copy_of_a_photo_that_is_still_in_processing_becomes_ready_with_it(
    owner: Person, album: Album, other_album: Album, status: str
) -> None:
    photo = place_photo(album, owner.user, status=status)
    copied = copy(owner, photo, other_album)
    assert copied.status_code == 200
    path = f"/photos/{copied.json()['PhotoId']}"
    assert owner.get(path).json()["status"] == status
    Original.objects.update(status="ready")
    assert owner.get(path).json()["status"] == "ready"


def test_who_is_on_a_fresh_copy_is_decided_when_it_is_ready(
    owner: Person, album: Album, other_album: Album, make_picture: MakePicture
) -> None:
    owner.post("/me/selfie", {"file": make_picture(1)})
    photo = owner.client.post(
        "/photos/", {"album_id": album.pk, "file": make_picture(1, seed=3)}
    )  # nothing runs yet
    assert Original.objects.get().status == "new"
    body = {"GroupId": str(other_album.pk), "DoCopy": True}
    answer = owner.client.put(f"/v1/Photo/{photo.json()['_id']}", body, content_type="application/json")
    assert answer.status_code == 200
    with committing():
        prepare_original(str(Original.objects.get().pk))
        owner.client.post(f"/albums/{other_album.pk}/done_uploading")
    copied = owner.get(f"/photos/{answer.json()['PhotoId']}").json()
    assert (copied["status"], copied["computed_filters"]) == ("ready", [owner.id])
    assert (PendingAlbum.objects.filter(album=other_album).exists(), Original.objects.count()) == (False, 1)


def test_to_a_stranger_the_photo_does_not_exist(owner: Person, stranger: Person, album: Album) -> None:
    photo = place_photo(album, owner.user)
    target = create_album(owner=stranger.user)
    body = {"GroupId": str(target.pk), "DoCopy": True}
    assert_absent(stranger, "PUT", "/v1/Photo/{id}", photo.pk, body)


def test_a_copy_costs_few_queries(owner: Person, album: Album, other_album: Album) -> None:
    photo = place_photo(album, owner.user)
    body = {"GroupId": str(other_album.pk), "DoCopy": True}
    assert number_of_queries(owner, "PUT", f"/v1/Photo/{photo.pk}", body) <= 20
