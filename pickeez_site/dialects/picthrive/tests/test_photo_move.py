from collections.abc import Callable

import pytest

from albums.models import Album, PendingAlbum
from albums.services import create_album, delete_album, invite_phones
from conftest import Caller, Person
from core.tests.answers import Answer
from faces.models import Sighting
from photos.models import Like, Photo
from photos.tests.builders import place_photo
from pickeez_site.dialects.picthrive.tests.shapes import (
    assert_absent,
    assert_refused,
    assert_signed_in_only,
    call,
    fetch,
)


def move(person: Person, photo: Photo, album: Album, **more: object) -> Answer:
    return call(person, "PUT", f"/v1/Photo/{photo.pk}", {"GroupId": str(album.pk), **more})


@pytest.mark.parametrize(
    "more", [{}, {"DoCopy": False}, {"DoCopy": None}, {"SortOrder": ""}, {"SortOrder": " \t"}]
)
def test_a_moved_photo_keeps_its_id_and_leaves_its_group(
    owner: Person,
    member: Person,
    album: Album,
    other_album: Album,
    upload: Callable[..., Photo],
    more: dict[str, object],
) -> None:
    photo = upload(owner, album)
    suffix = owner.get(f"/v1/Photo/{photo.pk}").json()["Medium"]
    answer = move(owner, photo, other_album, **more)
    assert (answer.status_code, answer.json()) == (200, {"PhotoId": str(photo.pk)})
    assert owner.get(f"/v1/Photo/{photo.pk}").json()["GroupId"] == str(other_album.pk)
    assert owner.get(f"/v1/Group/{album.pk}/Photo").json() == {"Photos": []}
    assert [p["PhotoId"] for p in owner.get(f"/v1/Group/{other_album.pk}/Photo").json()["Photos"]] == [
        str(photo.pk)
    ]
    assert fetch(owner.client, suffix)[0] == 200
    assert member.get(f"/v1/Photo/{photo.pk}").status_code == 404
    assert PendingAlbum.objects.filter(album=other_album).exists()


def test_the_photos_owner_moves_it_from_anothers_group(owner: Person, member: Person, album: Album) -> None:
    photo = place_photo(album, member.user)
    target = create_album(owner=member.user, name="Mine")
    assert move(member, photo, target).status_code == 200
    assert owner.get(f"/v1/Photo/{photo.pk}").status_code == 404


def test_the_groups_owner_moves_a_guests_photo_where_the_guest_is_none_and_it_is_seen_there(
    owner: Person, member: Person, album: Album, other_album: Album
) -> None:
    photo = place_photo(album, member.user)
    assert move(owner, photo, other_album).status_code == 200
    fields = owner.get(f"/v1/Photo/{photo.pk}").json()
    assert (fields["OwnerId"], fields["GroupId"]) == (member.id, str(other_album.pk))
    assert member.get(f"/v1/Photo/{photo.pk}").status_code == 404


def test_a_member_may_not_move_what_is_somebody_elses(owner: Person, member: Person, album: Album) -> None:
    photo = place_photo(album, owner.user)
    assert_refused(move(member, photo, create_album(owner=member.user)), 403)
    assert Photo.objects.get(pk=photo.pk).album == album


def test_a_group_that_one_may_not_use_is_unknown(
    owner: Person, member: Person, stranger: Person, album: Album, other_album: Album
) -> None:
    photo = place_photo(album, member.user)
    body = {"GroupId": str(other_album.pk)}
    for copying in (False, True):
        answer = call(member, "PUT", f"/v1/Photo/{photo.pk}", {**body, "DoCopy": copying})
        assert (answer.status_code, answer.json()) == (404, {"Error": "Not found."})
    for unknown in ("123", "00000000-0000-0000-0000-000000000000"):
        assert_refused(call(owner, "PUT", f"/v1/Photo/{photo.pk}", {"GroupId": unknown}), 404)


@pytest.mark.parametrize("copying", [False, True])
def test_into_a_deleted_group_nothing_goes(owner: Person, album: Album, other_album: Album, copying: bool) -> None:
    photo = place_photo(album, owner.user)
    delete_album(album=other_album)
    assert_refused(move(owner, photo, other_album, DoCopy=copying), 404)


def test_a_move_to_where_the_photo_is_already_changes_nothing(owner: Person, member: Person, album: Album) -> None:
    photo = place_photo(album, owner.user)
    for _ in range(2):
        answer = move(owner, photo, album)
        assert (answer.status_code, answer.json()) == (200, {"PhotoId": str(photo.pk)})
    assert_refused(move(member, photo, album), 403)
    assert Photo.objects.get().album == album
    assert owner.get(f"/v1/Photo/{photo.pk}").json()["GroupId"] == str(album.pk)


def test_a_group_takes_no_two_photos_of_one_path(owner: Person, album: Album, other_album: Album) -> None:
    photo = place_photo(album, owner.user)
    Photo.objects.create(
        original=photo.original, album=other_album, owner=owner.user, uploader=owner.user, s3_path=photo.s3_path
    )
    assert_refused(move(owner, photo, other_album), 409)
    assert Photo.objects.get(pk=photo.pk).album == album


def test_a_deleted_photo_is_not_moved(owner: Person, album: Album, other_album: Album) -> None:
    photo = place_photo(album, owner.user)
    call(owner, "DELETE", f"/v1/Photo/{photo.pk}")
    assert_refused(move(owner, photo, other_album), 404)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"3",
        b"null",
        b"{",
        b"\xff",
        b"GroupId=1",
        b'{"GroupId": null}',
        b'{"GroupId": 3}',
        b'{"GroupId": ""}',
        b'{"GroupId": ["a"]}',
        b'{"GroupId": "\\u0000"}',
        b'{"DoCopy": true}',
        b'{"GroupId": "%s", "DoCopy": "true"}',
        b'{"GroupId": "%s", "DoCopy": 1}',
        b'{"GroupId": "%s", "DoCopy": "false"}',
        b'{"GroupId": "%s", "SortOrder": "a"}',
        b'{"SortOrder": 3}',
        b'{"SortOrder": ""}',
    ],
)
def test_what_is_not_a_move_is_a_400(owner: Person, album: Album, other_album: Album, body: bytes) -> None:
    photo = place_photo(album, owner.user)
    answer = call(owner, "PUT", f"/v1/Photo/{photo.pk}", body.replace(b"%s", str(other_album.pk).encode()))
    assert_refused(answer, 400)
    assert Photo.objects.get().album == album


def test_any_content_type_is_read_as_the_json_it_is(owner: Person, album: Album, other_album: Album) -> None:
    for content_type in ("application/x-www-form-urlencoded", "text/plain", ""):
        photo = place_photo(album, owner.user)
        body = f'{{"GroupId": "{other_album.pk}"}}'
        answer = owner.client.generic("PUT", f"/v1/Photo/{photo.pk}", body, content_type)
        assert answer.json() == {"PhotoId": str(photo.pk)}


def test_to_a_stranger_it_does_not_exist_and_nobody_is_asked_to_sign_in(
    owner: Person, stranger: Person, nobody: Caller, album: Album
) -> None:
    photo = place_photo(album, owner.user)
    target = create_album(owner=stranger.user)
    invite_phones(album=target, phones=[owner.phone])
    assert_absent(stranger, "PUT", "/v1/Photo/{id}", photo.pk, {"GroupId": str(target.pk)})
    assert_signed_in_only(nobody, "PUT", f"/v1/Photo/{photo.pk}", {"GroupId": str(target.pk)})


def test_who_is_no_member_of_the_new_group_is_not_named_there(
    owner: Person, member: Person, album: Album, other_album: Album
) -> None:
    photo = place_photo(album, owner.user)
    for person in (owner, member):
        Sighting.objects.create(photo=photo, user=person.user, by="algorithm")
        Like.objects.create(photo=photo, user=person.user, kind="like")
    assert move(owner, photo, other_album).status_code == 200
    for model in (Sighting, Like):
        assert [row.user for row in model.objects.filter(photo=photo)] == [owner.user]
