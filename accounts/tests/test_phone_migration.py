"""The migration that writes each stored phone in its one form: nothing is lost, and the last to verify has it."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection, migrations
from django.utils import timezone

from accounts.models import AccessToken, Message, PhoneCode, RateLimitHit, User
from accounts.services import create_token, user_for_token

migration = import_module("accounts.migrations.0004_one_form_of_each_phone")
pytestmark = pytest.mark.django_db
OLD, NEW = "5215512345678", "525512345678"


def migrate() -> None:
    migration.forward(apps, SimpleNamespace(connection=connection))


def user_with(phone: str, *, active_days_ago: int) -> User:
    user = User.objects.create_user(phone=phone, verified_phone=phone)
    User.objects.filter(pk=user.pk).update(updated_at=timezone.now() - timedelta(days=active_days_ago))
    return user


@pytest.mark.parametrize(
    ("stored", "form"),
    [
        (OLD, NEW),
        (NEW, NEW),
        ("541123456789", "5491123456789"),
        ("5491123456789", "5491123456789"),
        ("551161234567", "5511961234567"),
        ("551123456789", "551123456789"),
        ("972522934321", "972522934321"),
        ("555", "555"),
        ("5215", "5215"),
        ("0522934321", "0522934321"),
    ],
)
def test_every_column_of_phones_has_the_one_form_afterwards(stored: str, form: str) -> None:
    user = user_with(stored, active_days_ago=1)
    PhoneCode.objects.create(phone=stored, digest="x", expires_at=timezone.now())
    Message.objects.create(channel="sms", phone=stored, body="Come")
    RateLimitHit.objects.create(what="code to phone", by=stored)
    RateLimitHit.objects.create(what="SMS by user", by=stored)
    for _ in range(2):  # a second time changes nothing
        migrate()
        user.refresh_from_db()
        assert {user.phone, user.verified_phone} == {form}
        assert PhoneCode.objects.get().phone == Message.objects.get().phone == form
        assert list(RateLimitHit.objects.order_by("pk").values_list("by", flat=True)) == [form, stored]


@pytest.mark.parametrize("later", [OLD, NEW])
def test_of_two_users_who_was_active_last_keeps_the_phone_and_the_other_all_else(later: str) -> None:
    users = {phone: user_with(phone, active_days_ago=0 if phone == later else 9) for phone in (OLD, NEW)}
    tokens = {phone: create_token(user=user) for phone, user in users.items()}
    AccessToken.objects.update(created_at=timezone.now() - timedelta(days=20))
    migrate()
    for user in users.values():
        user.refresh_from_db()
    other = NEW if later == OLD else OLD
    assert (users[later].verified_phone, users[later].phone) == (NEW, NEW)
    assert (users[other].verified_phone, users[other].phone) == (None, NEW)
    assert {phone: user_for_token(token) for phone, token in tokens.items()} == users


@pytest.mark.parametrize("signed_in", [OLD, NEW])
def test_who_signed_in_last_has_verified_last(signed_in: str) -> None:
    users = {phone: user_with(phone, active_days_ago=9) for phone in (OLD, NEW)}
    create_token(user=users[signed_in])
    migrate()
    assert User.objects.get(verified_phone=NEW) == users[signed_in]


def test_of_three_forms_the_last_keeps_the_phone() -> None:
    forms = ["541123456789", "5491123456789", "54111523456789"]
    users = [user_with(form, active_days_ago=days) for form, days in zip(forms, (3, 5, 1), strict=True)]
    migrate()
    assert User.objects.get(verified_phone=forms[1]) == users[2]
    assert User.objects.filter(verified_phone=None, phone=forms[1]).count() == 2


def test_the_migration_can_be_undone_without_a_change() -> None:
    (operation,) = migration.Migration.operations
    assert operation.reverse_code is migrations.RunPython.noop
