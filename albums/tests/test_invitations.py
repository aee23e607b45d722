import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.services import verify_phone
from albums.models import Album, Invitation, PendingAlbum
from albums.selectors import members_of
from albums.services import (
    claim_missed_invitations,
    create_album,
    delete_album,
    invite_phones,
    leave_album,
    uninvite_phones,
)
from conftest import Person

PHONE = "12025550144"


@pytest.fixture
def album(owner: Person) -> Album:
    return create_album(owner=owner.user, name="Summer")


def ids(album: Album) -> set:
    return {str(user.pk) for user in members_of(album)}


def test_the_owner_is_a_member_without_an_invitation(owner: Person, album: Album) -> None:
    assert ids(album) == {owner.id}


def test_an_invited_user_is_a_member_at_once(owner: Person, member: Person, album: Album) -> None:
    invite_phones(album=album, phones=[member.phone])
    assert ids(album) == {owner.id, member.id}
    assert Invitation.objects.get().claimed_by == member.user


def test_an_invitation_waits_for_the_user_who_verifies_the_phone(
    owner: Person, member: Person, album: Album
) -> None:
    invite_phones(album=album, phones=[PHONE])
    assert ids(album) == {owner.id}
    verify_phone(user=member.user, phone=PHONE)
    assert ids(album) == {owner.id, member.id}


def test_verifying_a_phone_queues_only_live_albums_that_had_invited_it(
    settings: Settings, owner: Person, member: Person
) -> None:
    settings.ALBUM_PROCESSOR = "external"
    invited, deleted, left, _ = (create_album(owner=owner.user) for _ in range(4))
    for album in (invited, deleted, left):
        invite_phones(album=album, phones=[PHONE])
    delete_album(album=deleted)
    uninvite_phones(album=left, phones=[PHONE])
    verify_phone(user=member.user, phone=PHONE)
    assert [pending.album_id for pending in PendingAlbum.objects.all()] == [invited.pk]
    assert set(Album.objects.visible_to(member.user)) == {invited}


def test_a_member_who_changes_their_number_stays_a_member(owner: Person, member: Person, album: Album) -> None:
    invite_phones(album=album, phones=[member.phone])
    verify_phone(user=member.user, phone="12025550177")
    assert ids(album) == {owner.id, member.id}


def test_a_claimed_invitation_never_passes_to_another_user(
    owner: Person, member: Person, stranger: Person, album: Album
) -> None:
    invite_phones(album=album, phones=[member.phone])
    verify_phone(user=stranger.user, phone=member.phone)
    assert ids(album) == {owner.id, member.id}


def test_a_removed_invitation_does_not_pass_to_another_user_either(
    owner: Person, member: Person, stranger: Person, album: Album
) -> None:
    invite_phones(album=album, phones=[member.phone])
    uninvite_phones(album=album, phones=[member.phone])
    verify_phone(user=stranger.user, phone=member.phone)
    assert ids(album) == {owner.id}


def test_inviting_a_number_again_adds_its_new_user_and_not_the_removed_one(
    owner: Person, member: Person, stranger: Person, album: Album
) -> None:
    invite_phones(album=album, phones=[member.phone])
    uninvite_phones(album=album, phones=[member.phone])
    verify_phone(user=stranger.user, phone=member.phone)
    invite_phones(album=album, phones=[member.phone])
    assert ids(album) == {owner.id, stranger.id}


def test_removing_a_number_removes_its_first_and_its_new_user(
    owner: Person, member: Person, stranger: Person, album: Album
) -> None:
    invite_phones(album=album, phones=[member.phone])
    verify_phone(user=stranger.user, phone=member.phone)
    invite_phones(album=album, phones=[member.phone])
    assert ids(album) == {owner.id, member.id, stranger.id}
    uninvite_phones(album=album, phones=[member.phone])
    assert ids(album) == {owner.id}


def test_leaving_an_album_removes_every_invitation_of_the_member(
    owner: Person, member: Person, album: Album
) -> None:
    invite_phones(album=album, phones=[member.phone])
    verify_phone(user=member.user, phone="12025550177")
    invite_phones(album=album, phones=["12025550177"])
    leave_album(album=album, user=member.user)
    assert ids(album) == {owner.id}
    assert not Album.objects.visible_to(member.user).exists()


def test_removing_from_one_album_keeps_the_others(owner: Person, member: Person) -> None:
    first, second = create_album(owner=owner.user), create_album(owner=owner.user)
    for album in (first, second):
        invite_phones(album=album, phones=[member.phone])
    uninvite_phones(album=first, phones=[member.phone])
    assert set(Album.objects.visible_to(member.user)) == {second}


def test_inviting_again_renews_the_same_invitation(owner: Person, member: Person, album: Album) -> None:
    invite_phones(album=album, phones=[member.phone])
    first = Invitation.objects.get()
    uninvite_phones(album=album, phones=[member.phone])
    invite_phones(album=album, phones=[member.phone])
    assert Invitation.objects.get().pk == first.pk
    assert ids(album) == {owner.id, member.id}


def test_verifying_the_same_phone_twice_changes_nothing(settings: Settings, member: Person, album: Album) -> None:
    settings.ALBUM_PROCESSOR = "external"
    invite_phones(album=album, phones=[PHONE])
    verify_phone(user=member.user, phone=PHONE)
    PendingAlbum.objects.all().delete()
    verify_phone(user=member.user, phone=PHONE)
    assert (Invitation.objects.count(), PendingAlbum.objects.count()) == (1, 0)


@pytest.mark.parametrize("claimed", [False, True])
def test_invitations_are_unique_in_the_database(member: Person, album: Album, claimed: bool) -> None:
    fields = {"album": album, "phone": PHONE, "claimed_by": member.user if claimed else None}
    Invitation.objects.create(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(**fields)


def test_the_database_refuses_an_invitation_without_a_phone(album: Album) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(album=album, phone="")


def test_a_member_of_one_album_is_a_stranger_to_another(owner: Person, member: Person) -> None:
    create_album(owner=owner.user)
    newcomer = Person("Newcomer", PHONE)
    assert not Album.objects.visible_to(member.user).exists()
    assert not Album.objects.visible_to(newcomer.user).exists()


def test_an_invitation_created_while_its_phone_is_verified_is_claimed_by_the_sweep(
    album: Album, stranger: Person
) -> None:
    Invitation.objects.create(album=album, phone=stranger.phone)
    assert not Album.objects.visible_to(stranger.user).exists()
    claim_missed_invitations()
    assert Album.objects.visible_to(stranger.user).get() == album


def test_the_owners_own_number_is_not_claimed_by_every_sweep(
    album: Album, owner: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Invitation.objects.create(album=album, phone=owner.phone)
    with django_assert_num_queries(1):
        claim_missed_invitations()
