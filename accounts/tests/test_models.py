from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import AccessToken, Message, PhoneCode, User
from accounts.services import create_token, revoke_token, token_digest, user_for_token

pytestmark = pytest.mark.django_db


def refused(make: Callable[..., object], **fields: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make(**fields)


@pytest.mark.parametrize("field", ["verified_phone", "fb_id"])
def test_identifiers_of_a_user_may_be_null_but_not_empty(field: str) -> None:
    refused(User.objects.create_user, **{field: ""})
    for _ in range(2):
        assert getattr(User.objects.create_user(), field) is None


@pytest.mark.parametrize("field", ["verified_phone", "fb_id", "username"])
def test_identifiers_of_a_user_are_unique(field: str) -> None:
    User.objects.create_user(**{field: "123"})
    refused(User.objects.create_user, **{field: "123"})


def test_several_users_may_give_the_same_unverified_phone() -> None:
    assert len({User.objects.create_user(phone="555").pk for _ in range(2)}) == 2


def test_ids_sort_by_time() -> None:
    ids = [User.objects.create_user().pk for _ in range(5)]
    assert ids == sorted(ids)


def test_a_user_has_no_password_and_no_rights_unless_given() -> None:
    user = User.objects.create_user()
    assert not user.has_usable_password()
    assert (user.is_staff, user.is_superuser) == (False, False)
    operator = User.objects.create_superuser("operator", "a long passphrase")
    assert operator.check_password("a long passphrase")
    assert operator.is_staff
    assert operator.is_superuser


@pytest.mark.parametrize("fields", [{"channel": "sms"}, {"channel": "push"}, {"channel": "push", "phone": "555"}])
def test_a_message_has_a_recipient(fields: dict[str, str]) -> None:
    refused(Message.objects.create, body="Hello", **fields)


def test_a_message_of_an_unknown_channel_is_refused() -> None:
    refused(Message.objects.create, channel="fax", phone="555", body="Hello")


def test_only_digests_of_tokens_are_stored() -> None:
    user = User.objects.create_user()
    token = create_token(user=user)
    assert list(AccessToken.objects.values_list("digest", flat=True)) == [token_digest(token)]
    assert token not in token_digest(token)
    assert user_for_token(token) == user


def test_a_revoked_token_has_no_user() -> None:
    token = create_token(user=User.objects.create_user())
    revoke_token(token=token)
    revoke_token(token=token)
    assert user_for_token(token) is None
    assert not AccessToken.objects.exists()


def test_the_token_of_a_deactivated_user_is_not_accepted() -> None:
    user = User.objects.create_user(is_active=False)
    assert user_for_token(create_token(user=user)) is None


def test_tokens_codes_and_messages_are_deleted_with_their_user() -> None:
    user = User.objects.create_user()
    create_token(user=user)
    PhoneCode.objects.create(user=user, phone="555", digest="x", expires_at=timezone.now())
    Message.objects.create(channel="push", user=user, body="Hello")
    user.delete()
    assert [model.objects.count() for model in (AccessToken, PhoneCode, Message)] == [0, 0, 0]


def test_a_code_is_open_until_it_expires_or_is_closed() -> None:
    now = timezone.now()
    for minutes, closed_at in ((1, None), (-1, None), (1, now)):
        PhoneCode.objects.create(
            phone="555", digest="x", expires_at=now + timedelta(minutes=minutes), closed_at=closed_at
        )
    assert PhoneCode.objects.open().count() == 1


def test_the_str_of_rows_reveals_no_secret() -> None:
    assert str(User(name="Somebody", verified_phone="555")) == "Somebody"
    assert str(User(verified_phone="555")) == "555"
    token = AccessToken(digest="d" * 64, user=User())
    assert "d" * 64 not in str(token)
