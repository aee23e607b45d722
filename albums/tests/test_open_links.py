"""Whoever has an album's open link joins by it, as often and as long as the album's owner allows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.services import delete_user, verify_phone
from albums.models import Album, Invitation, OpenLink, PendingAlbum, RemovedGuest
from albums.selectors import invited_phones, members_of, open_link_by_token
from albums.services import (
    OpenLinkClosed,
    RemovedFromAlbum,
    create_album,
    delete_album,
    invite_phones,
    join_by_open_link,
    leave_album,
    remove_guest,
    replace_open_link,
    restore_albums,
    restore_invitation,
    set_may_upload,
    set_open_link,
    switch_off_open_links,
    uninvite_phones,
)
from albums.services.links import address_of_open_link
from albums.states import OpenLinkState
from conftest import Person
from photos.models import Photo
from photos.tests.builders import place_photo


@pytest.fixture
def album(owner: Person) -> Album:
    return create_album(owner=owner.user, name="Summer")


def open_up(album: Album, *, max_uses: int | None = None, may_upload: bool = True, is_on: bool = True) -> str:
    """Gives the album an open link that is valid for a day; returns its token."""
    tomorrow = timezone.now() + timedelta(days=1)
    link = set_open_link(album=album, is_on=is_on, may_upload=may_upload, expires_at=tomorrow, max_uses=max_uses)
    return token_of(link)


def token_of(link: OpenLink) -> str:
    return address_of_open_link(link).rpartition("/o/")[2]


def closed(token: str, user: User) -> OpenLinkState:
    with pytest.raises(OpenLinkClosed) as caught:
        join_by_open_link(token=token, user=user)
    return caught.value.state


def test_who_follows_it_is_a_member(settings: Settings, album: Album, stranger: Person) -> None:
    settings.ALBUM_PROCESSOR = "external"
    assert join_by_open_link(token=open_up(album), user=stranger.user) == album
    assert set(members_of(album)) == {album.owner, stranger.user}
    assert invited_phones(album) == [stranger.phone]
    assert OpenLink.objects.get().uses == 1
    assert PendingAlbum.objects.filter(pk=album.pk).exists()


def test_a_guest_without_a_phone_joins_too_and_is_no_invited_phone(album: Album) -> None:
    user = User.objects.create_user(name="Ada")
    join_by_open_link(token=open_up(album), user=user)
    assert user in members_of(album)
    assert invited_phones(album) == []


def test_the_token_is_long_and_not_stored(album: Album) -> None:
    token = open_up(album)
    assert len(token) == 24
    assert token not in str([*OpenLink.objects.values()])
    assert open_link_by_token(token).album == album


def test_a_link_works_after_the_secret_key_was_changed(settings: Settings, album: Album) -> None:
    open_up(album)
    settings.SECRET_KEY = "another " * 10
    token = token_of(OpenLink.objects.get())
    assert open_link_by_token(token).album == album


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t + "A", lambda t: t.swapcase(), lambda t: ""])
def test_another_token_opens_nothing(album: Album, stranger: Person, change: Callable[[str], str]) -> None:
    token = change(open_up(album))
    with pytest.raises(OpenLink.DoesNotExist):
        join_by_open_link(token=token, user=stranger.user)


def test_owner_and_members_use_nothing_up(album: Album, owner: Person, member: Person) -> None:
    invite_phones(album=album, phones=[member.phone])
    token = open_up(album, max_uses=1)
    for person in (owner, member, member):
        assert join_by_open_link(token=token, user=person.user) == album
    assert OpenLink.objects.get().uses == 0
    assert Invitation.objects.count() == 1


def test_it_admits_so_many_persons_and_no_more(album: Album, member: Person, stranger: Person) -> None:
    token = open_up(album, max_uses=1)
    join_by_open_link(token=token, user=member.user)
    join_by_open_link(token=token, user=member.user)
    assert closed(token, stranger.user) == OpenLinkState.USED_UP
    open_up(album, max_uses=2)
    join_by_open_link(token=token, user=stranger.user)
    assert OpenLink.objects.get().uses == 2


def test_who_left_comes_back_and_counts_once(album: Album, member: Person, stranger: Person) -> None:
    token = open_up(album, max_uses=1)
    join_by_open_link(token=token, user=member.user)
    leave_album(album=album, user=member.user)
    assert member.user not in members_of(album)
    assert closed(token, stranger.user) == OpenLinkState.USED_UP
    join_by_open_link(token=token, user=member.user)
    assert member.user in members_of(album)
    assert OpenLink.objects.get().uses == 1


def test_who_may_only_look_gains_nothing_by_leaving_and_coming_back(album: Album, member: Person) -> None:
    token = open_up(album)
    join_by_open_link(token=token, user=member.user)
    set_may_upload(invitation=Invitation.objects.get(), may_upload=False)
    leave_album(album=album, user=member.user)
    join_by_open_link(token=token, user=member.user)
    assert not Album.objects.open_to(member.user).exists()
    leave_album(album=album, user=member.user)
    join_by_open_link(token=token_of(replace_open_link(album=album)), user=member.user)
    assert Album.objects.open_to(member.user).exists()  # by another link, which the owner gave out later


def test_who_was_invited_and_left_counts_when_coming_back(album: Album, member: Person) -> None:
    invite_phones(album=album, phones=[member.phone])
    leave_album(album=album, user=member.user)
    join_by_open_link(token=open_up(album), user=member.user)
    assert OpenLink.objects.get().uses == 1
    assert Invitation.objects.count() == 1


def remove_by_phone(album: Album, person: Person) -> None:
    uninvite_phones(album=album, phones=[person.phone])


def remove_in_the_list(album: Album, person: Person) -> None:
    remove_guest(invitation=Invitation.objects.get(claimed_by=person.user))


def leave_and_be_removed(album: Album, person: Person) -> None:
    remove_by_phone(album, person)
    leave_album(album=album, user=person.user)


@pytest.mark.parametrize("remove", [remove_by_phone, remove_in_the_list, leave_and_be_removed])
def test_who_was_removed_does_not_come_back_by_it(
    album: Album, member: Person, remove: Callable[[Album, Person], None]
) -> None:
    token = open_up(album)
    join_by_open_link(token=token, user=member.user)
    remove(album, member)
    verify_phone(user=member.user, phone="12025550199")
    with pytest.raises(RemovedFromAlbum):
        join_by_open_link(token=token, user=member.user)
    new = token_of(replace_open_link(album=album))
    with pytest.raises(RemovedFromAlbum):
        join_by_open_link(token=new, user=member.user)
    assert member.user not in members_of(album)


def test_whom_the_owner_removed_is_not_let_in_as_a_new_user_of_the_same_number(
    album: Album, member: Person
) -> None:
    token = open_up(album)
    join_by_open_link(token=token, user=member.user)
    remove_guest(invitation=Invitation.objects.get())
    delete_user(user=member.user)
    assert not Invitation.objects.exists()
    assert member.phone not in str(RemovedGuest.objects.values().get())
    again = Person("Same number", member.phone).user
    with pytest.raises(RemovedFromAlbum):
        join_by_open_link(token=token, user=again)
    other = create_album(owner=album.owner, name="Another")
    join_by_open_link(token=open_up(other), user=again)
    invite_phones(album=album, phones=[member.phone])
    assert again in members_of(album)
    assert not RemovedGuest.objects.exists()


def test_who_left_and_was_deleted_may_join_with_a_new_account(album: Album, member: Person) -> None:
    token = open_up(album)
    join_by_open_link(token=token, user=member.user)
    leave_album(album=album, user=member.user)
    delete_user(user=member.user)
    again = Person("Same number", member.phone).user
    join_by_open_link(token=token, user=again)
    assert again in members_of(album)


def test_whom_the_owner_lets_back_in_is_there_with_their_photos(album: Album, member: Person) -> None:
    join_by_open_link(token=open_up(album), user=member.user)
    photo = place_photo(album, member.user)
    invitation = Invitation.objects.get()
    remove_guest(invitation=invitation)
    assert not Photo.objects.alive().filter(pk=photo.pk).exists()
    restore_invitation(invitation=invitation)
    assert Photo.objects.alive().filter(pk=photo.pk).exists()
    remove_guest(invitation=invitation)
    invite_phones(album=album, phones=[member.phone])
    assert member.user in members_of(album)


def test_it_is_dead_at_once_when_it_is_switched_off_replaced_or_expired(
    album: Album, member: Person, stranger: Person
) -> None:
    token = open_up(album)
    join_by_open_link(token=token, user=member.user)
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=5)):
        assert closed(token, stranger.user) == OpenLinkState.EXPIRED
    open_up(album, is_on=False)
    assert closed(token, stranger.user) == OpenLinkState.OFF
    open_up(album)
    assert switch_off_open_links(links=OpenLink.objects.all()) == 1
    assert closed(token, stranger.user) == OpenLinkState.OFF
    open_up(album)
    new = token_of(replace_open_link(album=album))
    with pytest.raises(OpenLink.DoesNotExist):
        join_by_open_link(token=token, user=stranger.user)
    join_by_open_link(token=new, user=stranger.user)
    assert set(members_of(album)) == {album.owner, member.user, stranger.user}


def test_it_is_dead_with_its_album_and_alive_again(album: Album, stranger: Person) -> None:
    token = open_up(album)
    delete_album(album=album)
    with pytest.raises(OpenLink.DoesNotExist):
        join_by_open_link(token=token, user=stranger.user)
    restore_albums(albums=Album.objects.filter(pk=album.pk))
    assert join_by_open_link(token=token, user=stranger.user) == album


def test_another_albums_link_opens_that_album_only(owner: Person, album: Album, stranger: Person) -> None:
    other = create_album(owner=owner.user, name="Winter")
    join_by_open_link(token=open_up(other), user=stranger.user)
    assert set(Album.objects.visible_to(stranger.user)) == {other}


def test_an_invitation_that_waited_is_claimed_by_joining(album: Album, stranger: Person) -> None:
    Invitation.objects.create(album=album, phone=stranger.phone)  # at the moment of verifying the phone
    token = open_up(album)
    join_by_open_link(token=token, user=stranger.user)
    assert Invitation.objects.get().claimed_by == stranger.user
    assert OpenLink.objects.get().uses == 0


@pytest.mark.parametrize("max_uses", [0, 100_001])
def test_a_number_of_uses_has_bounds(album: Album, max_uses: int) -> None:
    with pytest.raises(ValidationError):
        open_up(album, max_uses=max_uses)


def test_no_fewer_uses_than_there_were(album: Album, member: Person, stranger: Person) -> None:
    token = open_up(album)
    for person in (member, stranger):
        join_by_open_link(token=token, user=person.user)
    with pytest.raises(ValidationError):
        open_up(album, max_uses=1)


def test_the_database_knows_one_current_link_of_an_album(album: Album) -> None:
    open_up(album)
    with pytest.raises(IntegrityError), transaction.atomic():
        OpenLink.objects.create(album=album, expires_at=timezone.now(), link_nonce="x", link_digest="y")


def test_a_deleted_user_takes_albums_links_and_memberships_along(
    album: Album, owner: Person, member: Person
) -> None:
    token = open_up(album)
    join_by_open_link(token=token, user=member.user)
    owner.user.delete()
    assert (OpenLink.objects.count(), Invitation.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_come_at_once_only_as_many_as_may_join(album: Album) -> None:
    token = open_up(album, max_uses=3)
    users = [User.objects.create_user(name=f"Guest {number}") for number in range(8)]

    def join(user: User) -> bool:
        try:
            join_by_open_link(token=token, user=user)
        except OpenLinkClosed:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as threads:
        joined = list(threads.map(join, users))
    assert sum(joined) == 3
    assert OpenLink.objects.get().uses == Invitation.objects.live().count() == 3
