from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from albums.models import Album
from conftest import Caller, Person
from photos.models import Photo
from photos.services import copy_photos, purge_trash
from photos.tests.builders import place_photo
from pickeez_site.dialects.picthrive.tests.shapes import (
    NOT_FOUND,
    PHOTO,
    SUFFIXES,
    assert_absent,
    assert_refused,
    assert_signed_in_only,
    call,
    fetch,
)


@pytest.mark.parametrize("by", ["photo's owner", "group's owner"])
def test_its_owner_or_the_groups_deletes_it_and_the_second_answer_equals_the_first(
    owner: Person, member: Person, album: Album, by: str
) -> None:
    photo = place_photo(album, member.user)
    person = member if by == "photo's owner" else owner
    for _ in range(2):
        answer = call(person, "DELETE", f"/v1/Photo/{photo.pk}")
        assert (answer.status_code, answer.json()) == (200, {})
    assert Photo.objects.get(pk=photo.pk).deleted_at is not None


def test_for_thirty_days_its_owner_sees_that_it_is_deleted_and_others_see_nothing(
    owner: Person, member: Person, stranger: Person, album: Album
) -> None:
    photo = place_photo(album, member.user)
    call(owner, "DELETE", f"/v1/Photo/{photo.pk}")
    fields = member.get(f"/v1/Photo/{photo.pk}").json()
    assert (set(fields), fields["Deleted"], {fields[name] for name in SUFFIXES}) == (PHOTO, True, {None})
    for person in (owner, stranger):
        assert_absent(person, "GET", "/v1/Photo/{id}", photo.pk)
    with time_machine.travel(timezone.now() + timedelta(days=29, hours=23)):
        purge_trash()
        assert member.get(f"/v1/Photo/{photo.pk}").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=30, hours=1)):
        purge_trash()
        assert member.get(f"/v1/Photo/{photo.pk}").json() == NOT_FOUND


def test_its_urls_die_at_once_and_those_of_a_copy_live(
    owner: Person, nobody: Caller, album: Album, other_album: Album, upload: Callable[..., Photo]
) -> None:
    photo = upload(owner, album)
    copy = copy_photos(photos=[photo], album=other_album, user=owner.user)[0]
    before, other = (owner.get(f"/v1/Photo/{one.pk}").json() for one in (photo, copy))
    call(owner, "DELETE", f"/v1/Photo/{photo.pk}")
    assert {fetch(nobody.client, before[name])[0] for name in SUFFIXES} == {404}
    assert {fetch(nobody.client, other[name])[0] for name in SUFFIXES} == {200}


def test_a_member_may_not_delete_what_is_somebody_elses(owner: Person, member: Person, album: Album) -> None:
    photo = place_photo(album, owner.user)
    assert_refused(call(member, "DELETE", f"/v1/Photo/{photo.pk}"), 403)
    call(owner, "DELETE", f"/v1/Photo/{photo.pk}")
    assert_absent(member, "DELETE", "/v1/Photo/{id}", photo.pk)


def test_to_a_stranger_it_does_not_exist_and_nobody_is_asked_to_sign_in(
    owner: Person, stranger: Person, nobody: Caller, album: Album
) -> None:
    photo = place_photo(album, owner.user)
    assert_absent(stranger, "DELETE", "/v1/Photo/{id}", photo.pk)
    assert_signed_in_only(nobody, "DELETE", f"/v1/Photo/{photo.pk}")
    assert Photo.objects.alive().filter(pk=photo.pk).exists()


def test_what_is_deleted_with_its_group_may_be_deleted_again(
    owner: Person, member: Person, stranger: Person, album: Album
) -> None:
    photo = place_photo(album, member.user)
    call(owner, "DELETE", f"/v1/Group/{album.pk}")
    for person in (owner, member, member):
        assert call(person, "DELETE", f"/v1/Photo/{photo.pk}").json() == {}
    assert_absent(stranger, "DELETE", "/v1/Photo/{id}", photo.pk)
