from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.services import user_for_token, verify_phone
from albums.services import create_album, invite_phones

pytestmark = pytest.mark.django_db


@pytest.fixture
def created(capsys: pytest.CaptureFixture[str]) -> Callable[..., User]:
    """Runs the command and returns the user of the printed token."""

    def run(*arguments: str) -> User:
        call_command("create_token", *arguments)
        token = capsys.readouterr().out.split()[-1]
        user = user_for_token(token)
        assert user, "the last word is no token"
        return user

    return run


def test_without_options_it_creates_a_user(created: Callable[..., User]) -> None:
    user = created()
    assert (user.name, user.phone, user.verified_phone, user.fb_id) == ("", "", None, None)
    assert created() != user


def test_a_phone_counts_as_verified(created: Callable[..., User]) -> None:
    user = created("--phone", "+1 202 555 0199", "--name", "Somebody")
    assert (user.phone, user.verified_phone, user.name) == ("12025550199", "12025550199", "Somebody")


def test_the_user_is_found_by_phone_however_it_is_spelt(created: Callable[..., User]) -> None:
    user = created("--phone", "12025550199", "--name", "Somebody")
    again = created("--phone", "(202) 555-0199")
    assert (again, again.name) == (user, "Somebody")


def test_the_user_is_found_by_facebook_id(created: Callable[..., User]) -> None:
    user = created("--fb-id", "4711")
    assert created("--fb-id", "4711", "--name", "New name") == user
    assert User.objects.get().name == "New name"


def test_a_phone_is_added_to_the_user_of_a_facebook_id_and_the_reverse(created: Callable[..., User]) -> None:
    user = created("--fb-id", "4711")
    assert created("--fb-id", "4711", "--phone", "555") == user
    other = created("--phone", "777")
    assert created("--phone", "777", "--fb-id", "4712") == other
    assert set(User.objects.values_list("fb_id", "verified_phone")) == {("4711", "555"), ("4712", "777")}


def test_every_run_creates_another_token_and_revokes_none(created: Callable[..., User]) -> None:
    user = created("--phone", "555")
    created("--phone", "555")
    assert user.access_tokens.count() == 2


def test_the_user_gets_the_invitations_of_the_phone(created: Callable[..., User]) -> None:
    host = User.objects.create_user()
    album = create_album(owner=host, name="Summer")
    invite_phones(album=album, phones=["12025550199"])
    user = created("--phone", "12025550199")
    assert list(type(album).objects.visible_to(user)) == [album]


@pytest.mark.parametrize("phone", ["abc", "1", "1" * 16])
def test_an_invalid_phone_is_refused_and_creates_no_user(phone: str) -> None:
    with pytest.raises(CommandError, match="not a phone number"):
        call_command("create_token", "--phone", phone)
    assert not User.objects.exists()


@pytest.mark.parametrize("arguments", [("--name", "x" * 201), ("--fb-id", "4" * 65)])
def test_a_value_that_is_too_long_is_refused_and_creates_no_user(arguments: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="at most") as refused:
        call_command("create_token", *arguments)
    assert refused.value.returncode == 2
    assert not User.objects.exists()


def test_phone_and_facebook_id_of_two_users_are_refused() -> None:
    verify_phone(user=User.objects.create_user(), phone="555")
    User.objects.create_user(fb_id="4711")
    with pytest.raises(CommandError, match="two different users"):
        call_command("create_token", "--phone", "555", "--fb-id", "4711")
