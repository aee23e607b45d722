"""`manage.py sign_in_link` and the admin's action: links by which an operator lets somebody in, without a gateway."""

from datetime import timedelta
from io import StringIO
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import SignInLink, User
from accounts.services import delete_old_codes_and_messages
from accounts.tests import admin_pages as pages
from conftest import Person
from pickeez_site.gallery.tests.people import browser, is_signed_in, submit, text_of
from pickeez_site.operations.observing.scrubbing import scrub

pytestmark = pytest.mark.django_db
PHONE = "12025550144"


def link_for(*arguments: str) -> str:
    """The path of the link that the command prints as its last word."""
    out = StringIO()
    call_command("sign_in_link", *arguments, stdout=out)
    return urlsplit(out.getvalue().split()[-1]).path


def test_a_link_signs_in_once(owner: Person) -> None:
    path = link_for("--user", owner.id)
    client, late = browser(), browser()
    assert "Owner" in text_of(client.get(path))
    assert not is_signed_in(client), "opening it signs nobody in"
    answer = submit(client, path)
    assert (answer.status_code, answer["Location"]) == (303, "/gallery/me/selfie/?next=%2Fgallery%2F")
    assert client.get("/gallery/").context["request"].user == owner.user
    assert late.get(path).status_code == 404
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("method", ["get", "head"])
def test_previews_of_chats_do_not_use_it_up(owner: Person, method: str) -> None:
    path = link_for("--user", owner.id)
    for _ in range(3):
        assert getattr(Client(), method)(path).status_code == 200
    assert submit(browser(), path).status_code == 303


def test_two_who_press_the_button_at_once_are_not_both_signed_in(owner: Person) -> None:
    path = link_for("--user", owner.id)
    first, second = browser(), browser()
    token = text_of(second.get(path)).split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    submit(first, path)
    answer = second.post(path, {"csrfmiddlewaretoken": token})
    assert (answer.status_code, "does not sign in" in text_of(answer)) == (404, True)
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)


def test_it_lasts_an_hour(owner: Person) -> None:
    path = link_for("--user", owner.id)
    with time_machine.travel(timezone.now() + timedelta(minutes=59)):
        assert browser().get(path).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        answer = browser().get(path)
        assert (answer.status_code, "too old" in text_of(answer)) == (404, True)
        delete_old_codes_and_messages()
        assert not SignInLink.objects.exists()


def test_no_token_is_stored_or_logged(owner: Person, caplog: pytest.LogCaptureFixture) -> None:
    path = link_for("--user", owner.id)
    token = path.rstrip("/").rpartition("/")[2]
    assert len(token) == 43
    assert token not in str(SignInLink.objects.values())
    client = browser()
    for variant in (path, path[:-10], f"{path}more"):
        client.get(variant)
    submit(client, path)
    accesses = [record.getMessage() for record in caplog.records if record.name == "pickeez.access"]
    assert len(accesses) >= 4
    assert not [line for line in accesses if token[:20] in line]
    assert token not in scrub(f"GET http://127.0.0.1{path}")


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_cut_link_is_a_page_in_words(owner: Person, cut: int) -> None:
    path = link_for("--user", owner.id).rstrip("/")
    answer = browser().get(f"{path[:-cut]}/")
    assert (answer.status_code, "not copied as a whole" in text_of(answer)) == (404, True)


def test_a_phone_or_email_given_to_the_command_is_verified_and_its_user_made(owner: Person) -> None:
    submit(client := browser(), link_for("--phone", f"+{PHONE}", "--name", "Grace"))
    assert is_signed_in(client)
    assert User.objects.get(verified_phone=PHONE).name == "Grace"
    link_for("--email", "Grace@Example.org")
    assert User.objects.filter(verified_email="grace@example.org").count() == 1
    before = User.objects.count()
    link_for("--phone", f"+{owner.phone}")
    assert User.objects.count() == before


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--phone", "no number"),
        ("--email", "no address"),
        ("--user", "12025550199"),
        ("--user", "x"),
        ("--phone", f"+{PHONE}", "--email", "a@example.org"),
        ("--phone", f"+{PHONE}", "--name", "two\nlines"),
    ],
)
def test_wrong_arguments_end_with_status_2_and_make_nothing(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as error:
        call_command("sign_in_link", *arguments, stdout=StringIO())
    assert error.value.returncode in (1, 2)
    assert not SignInLink.objects.exists()
    assert not User.objects.exists()


def test_who_was_deactivated_gets_none_and_loses_one(owner: Person) -> None:
    path = link_for("--user", owner.id)
    User.objects.update(is_active=False)
    assert browser().get(path).status_code == 404
    with pytest.raises(CommandError):
        link_for("--phone", f"+{owner.phone}")


def test_the_admin_shows_a_link_for_one_user(owner: Person, member: Person) -> None:
    operator = pages.operator()
    answer = pages.post_action(operator, User, "sign_in_link", [owner.id])
    link = text_of(answer).split('readonly value="')[1].split('"')[0]
    assert submit(client := browser(), urlsplit(link).path).status_code == 303
    assert client.get("/gallery/").context["request"].user == owner.user
    assert "no-store" in answer["Cache-Control"]
    both = pages.post_action(operator, User, "sign_in_link", [owner.id, member.id], follow=True)
    assert "Choose one active user" in text_of(both)
    assert SignInLink.objects.count() == 1


def test_only_superusers_make_links(owner: Person) -> None:
    staff = pages.staff("accounts.view_user", "accounts.change_user")
    pages.post_action(staff, User, "sign_in_link", [owner.id])
    assert not SignInLink.objects.exists()


def test_who_is_signed_in_as_somebody_else_is_told(owner: Person, member: Person) -> None:
    path = link_for("--user", owner.id)
    client = browser(member.user)
    assert "Somebody else is signed in" in text_of(client.get(path))
    submit(client, path)
    assert client.get("/gallery/").context["request"].user == owner.user
