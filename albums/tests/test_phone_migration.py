"""The migration that writes invitations' phones in their one form, and joins those that become equal."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection, migrations
from django.utils import timezone

from accounts.models import User
from albums.models import Album, Invitation
from albums.selectors import members_of
from albums.services import claim_missed_invitations, create_album
from conftest import Person

migration = import_module("albums.migrations.0005_one_form_of_each_phone")
OLD, NEW = "5215512345678", "525512345678"


def migrate() -> None:
    migration.forward(apps, SimpleNamespace(connection=connection))


@pytest.fixture
def album(owner: Person) -> Album:
    return create_album(owner=owner.user, name="Summer")


@pytest.fixture
def guest(db: None) -> User:
    """Whoever has verified the phone, in its one form since the migration of accounts."""
    return User.objects.create_user(phone=NEW, verified_phone=NEW)


@pytest.fixture
def invite(album: Album) -> Callable[..., Invitation]:
    """Creates invitations as they were before, some days ago."""

    def create(
        phone: str, claimed_by: User | None = None, *, days_ago: int = 9, removed_days_ago: int | None = None
    ) -> Invitation:
        now = timezone.now()
        removed_at = None if removed_days_ago is None else now - timedelta(days=removed_days_ago)
        row = Invitation.objects.create(album=album, phone=phone, claimed_by=claimed_by, removed_at=removed_at)
        Invitation.objects.filter(pk=row.pk).update(created_at=now - timedelta(days=days_ago))
        return row

    return create


@pytest.mark.parametrize(
    ("stored", "form"),
    [(OLD, NEW), ("541123456789", "5491123456789"), ("551161234567", "5511961234567"), ("555", "555"), (NEW, NEW)],
)
def test_an_invitation_keeps_all_but_the_form_of_its_phone(
    invite: Callable[..., Invitation], stored: str, form: str, member: Person
) -> None:
    waiting, claimed = invite(stored), invite(stored, member.user, removed_days_ago=1)
    for _ in range(2):
        migrate()
        assert list(Invitation.objects.order_by("pk").values_list("pk", "phone", "claimed_by")) == [
            (waiting.pk, form, None),
            (claimed.pk, form, member.user.pk),
        ]
    assert Invitation.objects.live().get() == waiting


def test_two_forms_that_wait_become_the_older_live_if_one_is(
    invite: Callable[..., Invitation], album: Album
) -> None:
    first = invite(OLD, removed_days_ago=1)
    invite(NEW)
    other_album = create_album(owner=album.owner)
    Invitation.objects.create(album=other_album, phone=NEW)
    migrate()
    assert Invitation.objects.get(album=album) == first
    assert Invitation.objects.live().filter(phone=NEW).count() == 2


def test_two_forms_that_one_user_has_claimed_become_one(invite: Callable[..., Invitation], guest: User) -> None:
    first = invite(OLD, guest)
    invite(NEW, guest, removed_days_ago=1)
    migrate()
    assert Invitation.objects.live().get() == first


def test_two_users_who_joined_by_two_forms_both_stay_members(
    invite: Callable[..., Invitation], album: Album, owner: Person, guest: User, member: Person
) -> None:
    invite(OLD, member.user)
    invite(NEW, guest)
    migrate()
    assert set(members_of(album)) == {owner.user, guest, member.user}
    assert set(Invitation.objects.values_list("phone", flat=True)) == {NEW}


@pytest.mark.parametrize("order", [(OLD, NEW), (NEW, OLD)])
def test_a_waiting_form_becomes_part_of_what_the_phones_user_has_claimed(
    invite: Callable[..., Invitation], guest: User, order: tuple[str, str]
) -> None:
    claimed = invite(order[0], guest)
    invite(order[1])
    migrate()
    row = Invitation.objects.live().get()
    assert (row.pk, row.claimed_by) == (claimed.pk, guest)


@pytest.mark.parametrize(("removed_days_ago", "is_member"), [(5, True), (1, False)])
def test_a_removed_member_comes_back_only_if_invited_again_after_that(
    invite: Callable[..., Invitation], album: Album, guest: User, removed_days_ago: int, is_member: bool
) -> None:
    invite(OLD, guest, removed_days_ago=removed_days_ago)
    invite(NEW, days_ago=3)
    migrate()
    claim_missed_invitations()
    assert (guest in members_of(album)) is is_member
    assert Invitation.objects.count() == 1


def test_a_waiting_form_is_claimed_afterwards_by_the_phones_user(
    invite: Callable[..., Invitation], album: Album, guest: User, member: Person
) -> None:
    invite(OLD)
    migrate()
    claim_missed_invitations()
    assert guest in members_of(album)
    assert member.user not in members_of(album)


def test_the_migration_can_be_undone_without_a_change() -> None:
    (operation,) = migration.Migration.operations
    assert operation.reverse_code is migrations.RunPython.noop
