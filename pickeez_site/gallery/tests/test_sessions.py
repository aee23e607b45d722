"""Sessions of browsers: their cookie, their age, "your devices", and that none of them opens the admin."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import BrowserSession, User
from accounts.services import create_token, delete_ended_sessions, delete_user, user_for_token
from accounts.tests import admin_pages as pages
from conftest import Person
from core.tests.answers import Json
from pickeez_site.gallery.tests.people import browser, code_in, is_signed_in, submit, text_of

pytestmark = pytest.mark.django_db
SIGN_IN, CODE, DEVICES = "/gallery/sign-in/", "/gallery/sign-in/code/", "/gallery/devices/"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def signed_in(person: Person, sms: list[dict[str, Json]], agent: str = FIREFOX) -> Client:
    """A browser that has signed in by a code."""
    client = browser()
    client.defaults["HTTP_USER_AGENT"] = agent
    submit(client, SIGN_IN, who=f"+{person.phone}")
    assert submit(client, CODE, code=code_in(sms[-1])).status_code == 303
    return client


def test_the_cookie_is_for_this_server_and_no_script(owner: Person, sms: list[dict[str, Json]]) -> None:
    cookie = signed_in(owner, sms).cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
    assert cookie["max-age"] == 90 * 24 * 3600
    assert django_settings.SESSION_COOKIE_SECURE is False  # with https it is: tests/test_settings.py


def test_the_database_reveals_no_cookie(owner: Person, sms: list[dict[str, Json]]) -> None:
    key = signed_in(owner, sms).cookies["sessionid"].value
    assert key not in str(list(BrowserSession.objects.values()))
    thief = Client()
    thief.cookies["sessionid"] = BrowserSession.objects.get(user=owner.user).session_key
    assert not is_signed_in(thief)


def test_it_lasts_90_days_after_its_last_use(owner: Person, sms: list[dict[str, Json]]) -> None:
    client = signed_in(owner, sms)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(3):
            clock.shift(timedelta(days=80))
            assert is_signed_in(client)
        assert BrowserSession.objects.get().last_seen == timezone.now()
        assert client.cookies["sessionid"]["max-age"] == 90 * 24 * 3600
        clock.shift(timedelta(days=91))
        assert not is_signed_in(client)
        assert delete_ended_sessions() == 1


def test_its_use_is_written_only_now_and_then(owner: Person, sms: list[dict[str, Json]]) -> None:
    client = signed_in(owner, sms)
    is_signed_in(client)
    before = BrowserSession.objects.values().get()
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        is_signed_in(client)
    assert BrowserSession.objects.values().get() == before


def test_what_programs_ask_reads_no_session(owner: Person) -> None:
    answer = owner.get("/me")
    assert "Cookie" not in answer.get("Vary", "")
    assert not BrowserSession.objects.exists()


def test_who_is_deleted_or_deactivated_is_out_at_once(
    owner: Person, member: Person, sms: list[dict[str, Json]]
) -> None:
    first, second = signed_in(owner, sms), signed_in(member, sms)
    User.objects.filter(pk=owner.id).update(is_active=False)
    assert not is_signed_in(first)
    assert delete_ended_sessions() == 1
    User.objects.filter(pk=owner.id).update(is_active=True)
    assert not is_signed_in(first), "also when the account is opened again"
    delete_user(user=member.user)
    assert not is_signed_in(second)
    assert not BrowserSession.objects.filter(user=member.user.pk).exists()


def test_the_devices_are_listed_in_words_this_one_first(
    owner: Person, stranger: Person, sms: list[dict[str, Json]]
) -> None:
    signed_in(owner, sms, IPHONE)
    client = signed_in(owner, sms)
    signed_in(stranger, sms, "curl/8.0")
    devices = client.get(DEVICES).context["devices"]
    assert [device["name"] for device in devices] == ["Firefox on Linux", "Mobile Safari on iOS"]
    assert [device["is_this"] for device in devices] == [True, False]
    text = text_of(client.get(DEVICES))
    assert text.count("This device") == 1
    assert "curl" not in text


def test_one_device_or_all_others_are_signed_out(
    owner: Person, member: Person, sms: list[dict[str, Json]]
) -> None:
    here, phone, tablet, theirs = (*(signed_in(owner, sms) for _ in range(3)), signed_in(member, sms))
    row = next(device["row"] for device in phone.get(DEVICES).context["devices"] if device["is_this"])
    answer = submit(here, DEVICES, session=str(row.pk))
    assert (answer.status_code, answer["Location"]) == (303, DEVICES)
    assert [is_signed_in(client) for client in (here, phone, tablet, theirs)] == [True, False, True, True]
    submit(here, DEVICES, session="others")
    assert [is_signed_in(client) for client in (here, tablet, theirs)] == [True, False, True]
    row = next(device["row"] for device in here.get(DEVICES).context["devices"] if device["is_this"])
    assert submit(here, DEVICES, session=str(row.pk))["Location"] == SIGN_IN
    assert not is_signed_in(here)


def test_nobody_signs_out_another_user(owner: Person, stranger: Person, sms: list[dict[str, Json]]) -> None:
    client, theirs = signed_in(owner, sms), signed_in(stranger, sms)
    row = theirs.get(DEVICES).context["devices"][0]["row"]
    for wanted in (str(row.pk), "", "x", row.session_key):
        answer = submit(client, DEVICES, session=wanted)
        assert (answer.status_code, "There is no such page" in text_of(answer)) == (404, True)
    assert client.post(DEVICES, {"session": "others"}).status_code == 403, "without the form's token"
    assert is_signed_in(theirs)


def test_devices_need_a_sign_in() -> None:
    assert browser().get(DEVICES)["Location"].startswith(SIGN_IN)


@pytest.mark.parametrize("agent", ["", "x" * 5000, "<script>alert(1)</script>", "Mozilla/5.0"])
def test_any_name_of_a_browser_is_shown_as_a_browser(
    owner: Person, sms: list[dict[str, Json]], agent: str
) -> None:
    text = text_of(signed_in(owner, sms, agent).get(DEVICES))
    assert "A browser" in text
    assert "<script>alert" not in text


def test_a_list_of_devices_costs_a_constant_number_of_queries(
    owner: Person, sms: list[dict[str, Json]], django_assert_num_queries: object
) -> None:
    client = signed_in(owner, sms)
    client.get(DEVICES)
    assert callable(django_assert_num_queries)
    for number in (1, 40):
        soon = timezone.now() + timedelta(days=1)
        BrowserSession.objects.bulk_create(
            [BrowserSession(user=owner.user, session_key=f"{number} {n}", expire_date=soon) for n in range(number)]
        )
        with django_assert_num_queries(3):
            assert client.get(DEVICES).status_code == 200


def test_an_operator_signs_somebody_out_everywhere(
    owner: Person, member: Person, sms: list[dict[str, Json]]
) -> None:
    client, theirs = signed_in(owner, sms), signed_in(member, sms)
    token = create_token(user=owner.user)
    pages.post_action(pages.operator(), User, "sign_out", [owner.id])
    assert user_for_token(token) is None
    assert (is_signed_in(client), is_signed_in(theirs)) == (False, True)


def test_an_operator_ends_all_sessions_their_own_too(owner: Person, sms: list[dict[str, Json]]) -> None:
    client, operator = signed_in(owner, sms), pages.operator()
    assert pages.run_action_on_all(operator, BrowserSession, "end").status_code == 302
    assert not is_signed_in(client)
    assert operator.get("/admin/").status_code == 302


def staff(person: Person) -> None:
    """Makes the person an operator with all permissions, and a password."""
    person.user.is_staff = person.user.is_superuser = True
    person.user.username = "boss"
    person.user.set_password("correct-horse")
    person.user.save()


def test_an_operator_who_signs_in_by_a_code_is_not_in_the_admin(owner: Person, sms: list[dict[str, Json]]) -> None:
    staff(owner)
    client = signed_in(owner, sms)
    assert is_signed_in(client)
    for path in ("/admin/", "/admin/accounts/user/", f"/admin/accounts/user/{owner.id}/change/", "/admin/jsi18n/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/"), path
    assert client.get("/admin/login/").status_code == 200


@pytest.mark.parametrize("argument", ["--phone", "--user"])
def test_nor_one_who_signs_in_by_a_link(owner: Person, argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    staff(owner)
    call_command("sign_in_link", argument, owner.phone)
    path = "/" + capsys.readouterr().out.split()[-1].split("/", 3)[3]
    client = browser()
    submit(client, path)
    assert is_signed_in(client)
    assert client.get("/admin/").status_code == 302


def test_with_the_password_the_same_browser_is_in_both(owner: Person, sms: list[dict[str, Json]]) -> None:
    staff(owner)
    client = signed_in(owner, sms)
    submit(client, "/admin/login/", username="boss", password="correct-horse")
    assert client.get("/admin/").status_code == 200
    assert is_signed_in(client)
    assert client.cookies["sessionid"]["max-age"] == django_settings.ADMIN_SESSION_SECONDS
    submit(client, "/gallery/", path="/gallery/sign-out/")
    assert client.get("/admin/").status_code == 302


def test_a_code_does_not_renew_the_password(owner: Person, sms: list[dict[str, Json]]) -> None:
    """Signed in to the admin, and then by a code: the browser is in the gallery only."""
    staff(owner)
    client = browser(owner.user)
    assert client.get("/admin/").status_code == 200
    token = text_of(Client().get(SIGN_IN))
    assert token
    submit(client, DEVICES, path=SIGN_IN, who=f"+{owner.phone}")
    submit(client, CODE, code=code_in(sms[-1]))
    assert client.get("/admin/").status_code == 302
