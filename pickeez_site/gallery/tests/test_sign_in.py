"""Signing in by a code to a phone or an e-mail address, and signing out."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.messaging import MessageNotSent
from accounts.models import BrowserSession, EmailCode, User
from accounts.services import verify_email
from albums.models import Album, Invitation
from albums.services import invite_phones
from conftest import Person, committing
from core.tests.answers import Answer, Json
from faces.models import Selfie
from pickeez_site.gallery.tests.people import another, browser, code_in, is_signed_in, submit, text_of

pytestmark = pytest.mark.django_db
SIGN_IN, CODE, OUT, HOME = "/gallery/sign-in/", "/gallery/sign-in/code/", "/gallery/sign-out/", "/gallery/"
SELFIE = "/gallery/me/selfie/?next=%2Fgallery%2F"
PHONE, EMAIL = "12025550144", "grace@example.org"


@pytest.fixture
def client() -> Client:
    return browser()


def letter() -> dict[str, Json]:
    """The newest e-mail."""
    return {"to": mail.outbox[-1].to[0], "body": str(mail.outbox[-1].body), "subject": mail.outbox[-1].subject}


def test_a_phone_signs_in_by_a_code(client: Client, sms: list[dict[str, Json]]) -> None:
    answer = submit(client, SIGN_IN, who="+1 202-555-0144")
    assert (answer.status_code, answer["Location"]) == (303, CODE)
    assert sms[-1]["to"] == PHONE
    page = text_of(client.get(CODE))
    assert "+1 202-555-0144" in page
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    answer = submit(client, CODE, code=code_in(sms[-1]))
    assert (answer.status_code, answer["Location"]) == (303, SELFIE)
    assert is_signed_in(client)
    assert User.objects.get().verified_phone == PHONE


def test_without_a_selfie_one_is_asked_for_it_the_first_time_only(
    client: Client, sms: list[dict[str, Json]]
) -> None:
    for page in (SELFIE, HOME):
        submit(client, SIGN_IN, who=f"+{PHONE}")
        assert submit(client, CODE, code=code_in(sms[-1]))["Location"] == page
        submit(client, HOME, OUT)


def test_who_has_a_selfie_is_asked_for_none(client: Client, sms: list[dict[str, Json]]) -> None:
    user = User.objects.create_user(name="Grace", phone=PHONE, verified_phone=PHONE)
    Selfie.objects.create(user=user, key="selfies/1", sha256="1", status=Selfie.Status.ACCEPTED)
    submit(client, SIGN_IN, who=f"+{PHONE}")
    assert submit(client, CODE, code=code_in(sms[-1]))["Location"] == HOME


def test_joining_by_an_open_link_goes_before_the_selfie(client: Client, sms: list[dict[str, Json]]) -> None:
    submit(client, SIGN_IN, who=f"+{PHONE}", next="/o/some-token")
    assert submit(client, CODE, code=code_in(sms[-1]))["Location"] == "/o/some-token"


def test_its_sms_ends_in_the_form_that_browsers_offer_to_this_host_only(
    client: Client, sms: list[dict[str, Json]], settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://photos.example:8443"
    submit(client, SIGN_IN, who=f"+{PHONE}")
    code = code_in(sms[-1])
    assert sms[-1]["body"] == f"Your Pickeez code is {code}\n\n@photos.example #{code}"


def test_the_sms_of_apps_is_as_it_was(client: Client, sms: list[dict[str, Json]]) -> None:
    Client().post("/login/phone", {"phone": f"+{PHONE}"})
    assert sms[-1]["body"] == f"Your Pickeez code is {code_in(sms[-1])}"


def test_an_email_address_signs_in_by_a_code(client: Client) -> None:
    answer = submit(client, SIGN_IN, who=" Grace@Example.org ")
    assert (answer.status_code, letter()["to"]) == (303, EMAIL)
    answer = submit(client, CODE, code=code_in(letter()))
    assert answer.status_code == 303
    assert is_signed_in(client)
    user = User.objects.get()
    assert (user.verified_email, user.email, user.verified_phone) == (EMAIL, EMAIL, None)


def test_or_by_the_link_in_the_same_email_whichever_is_used_first(client: Client, settings: Settings) -> None:
    submit(client, SIGN_IN, who=EMAIL)
    link = letter()["body"].split(settings.PUBLIC_URL)[1].split()[0]
    assert EMAIL in text_of(browser().get(link)), "a preview uses nothing up"
    other = browser()
    assert submit(other, link).status_code == 303
    assert is_signed_in(other)
    assert submit(client, CODE, code=code_in(letter())).status_code == 403
    assert browser().get(link).status_code == 404


def test_a_code_that_was_used_ends_the_link(client: Client, settings: Settings) -> None:
    submit(client, SIGN_IN, who=EMAIL)
    submit(client, CODE, code=code_in(letter()))
    link = letter()["body"].split(settings.PUBLIC_URL)[1].split()[0]
    assert browser().get(link).status_code == 404


def test_an_address_that_nobody_has_verified_is_not_a_users(client: Client) -> None:
    """Facebook's, for example, that are only stored."""
    User.objects.create_user(name="Somebody else", email=EMAIL)
    submit(client, SIGN_IN, who=EMAIL)
    submit(client, CODE, code=code_in(letter()))
    assert client.get(HOME).context["request"].user.name == ""
    assert User.objects.count() == 2


def test_the_same_user_comes_back(client: Client, owner: Person, sms: list[dict[str, Json]]) -> None:
    verify_email(user=owner.user, email=EMAIL)
    submit(client, SIGN_IN, who=f"+{owner.phone}")
    submit(client, CODE, code=code_in(sms[-1]))
    assert client.get(HOME).context["request"].user == owner.user
    submit(client, HOME, path=OUT)
    submit(client, SIGN_IN, who=EMAIL)
    submit(client, CODE, code=code_in(letter()))
    assert client.get(HOME).context["request"].user == owner.user


def test_signing_in_claims_the_invitations_of_the_phone(
    client: Client, album: Album, sms: list[dict[str, Json]]
) -> None:
    with committing():
        invite_phones(album=album, phones=[PHONE])
    submit(client, SIGN_IN, who=f"+{PHONE}")
    submit(client, CODE, code=code_in(sms[-1]))
    assert Invitation.objects.get(phone=PHONE).claimed_by == User.objects.get(verified_phone=PHONE)
    assert "Summer" in text_of(client.get(HOME))


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("", "Please type your phone number"),
        ("   ", "Please type your phone number"),
        ("hello", "This is not a phone number"),
        ("052 293 4321", "with the country code"),
        ("123", "with the country code"),
        ("a@b", "not an e-mail address"),
        ("@", "not an e-mail address"),
        ("x" * 300 + "@example.org", "not an e-mail address"),
        ("a@example.org, b@example.org", "not an e-mail address"),
        ("a@example.org\nBcc: b@example.org", "not an e-mail address"),
        ("+1 900 555 0123", "sends no SMS to this number"),
        ("\0", "This is not a phone number"),
    ],
)
def test_what_is_no_number_and_no_address_is_said_and_nothing_is_lost(
    client: Client, sms: list[dict[str, Json]], who: str, words: str
) -> None:
    answer = submit(client, SIGN_IN, who=who, next="/gallery/devices/")
    page = text_of(answer)
    assert (answer.status_code, words in page) == (400, True)
    assert 'value="/gallery/devices/"' in page
    assert 'aria-invalid="true"' in page
    assert (sms, mail.outbox, EmailCode.objects.count()) == ([], [], 0)
    if who.isprintable() and who.strip():
        assert f'value="{who}"' in page


def test_a_number_without_country_code_is_dialled_in_the_country_of_the_browser(
    client: Client, sms: list[dict[str, Json]]
) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "he-IL,he;q=0.9,en;q=0.5"
    assert submit(client, SIGN_IN, who="052 293 4321").status_code == 303
    assert sms[-1]["to"] == "972522934321"


def signing_in(client: Client, who: str = f"+{PHONE}") -> None:
    assert submit(client, SIGN_IN, who=who).status_code == 303


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "\uff11" * 6, "12 34 5x"])
def test_what_has_not_six_digits_is_no_guess(client: Client, sms: list[dict[str, Json]], code: str) -> None:
    signing_in(client)
    for _ in range(6):
        answer = submit(client, CODE, code=code)
        assert (answer.status_code, "six digits" in text_of(answer)) == (400, True)
    assert submit(client, CODE, code=f" #{code_in(sms[-1])[:3]} {code_in(sms[-1])[3:]}").status_code == 303


@pytest.mark.parametrize("who", [f"+{PHONE}", EMAIL])
def test_a_wrong_code_is_said_and_five_of_them_end_the_right_one(
    client: Client, sms: list[dict[str, Json]], who: str
) -> None:
    signing_in(client, who)
    code = code_in(sms[-1] if sms else letter())
    for _ in range(5):
        answer = submit(client, CODE, code=another(code))
        page = text_of(answer)
        assert (answer.status_code, "This code is wrong" in page, another(code) in page) == (403, True, True)
    answer = submit(client, CODE, code=code)
    assert (answer.status_code, "try again in 10 minutes" in text_of(answer)) == (429, True)
    assert 590 <= int(answer["Retry-After"]) <= 600
    assert not is_signed_in(client)


@pytest.mark.parametrize("who", [f"+{PHONE}", EMAIL])
def test_too_many_codes_are_refused_with_the_time_to_wait(client: Client, who: str) -> None:
    for _ in range(5):
        signing_in(client, who)
    answer = submit(client, SIGN_IN, who=who)
    page = text_of(answer)
    assert (answer.status_code, "try again in 60 minutes" in page, f'value="{who}"' in page) == (429, True, True)
    assert 3590 <= int(answer["Retry-After"]) <= 3600


def test_apps_and_pages_share_one_limit(client: Client, settings: Settings) -> None:
    settings.PHONE_CODES_PER_HOUR = 1
    assert Client().post("/login/phone", {"phone": f"+{PHONE}"}).status_code == 200
    assert submit(client, SIGN_IN, who=f"+{PHONE}").status_code == 429


@pytest.mark.parametrize("who", [f"+{PHONE}", EMAIL])
def test_an_old_code_is_wrong(client: Client, sms: list[dict[str, Json]], who: str) -> None:
    signing_in(client, who)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert submit(client, CODE, code=code_in(sms[-1] if sms else letter())).status_code == 403


def test_a_code_of_another_number_is_wrong(client: Client, sms: list[dict[str, Json]]) -> None:
    signing_in(browser(), "+12025550155")
    signing_in(client)
    theirs, own = map(code_in, sms)
    assert submit(client, CODE, code=theirs).status_code == (403 if theirs != own else 303)


def test_who_was_deactivated_is_told(client: Client, owner: Person, sms: list[dict[str, Json]]) -> None:
    User.objects.update(is_active=False)
    signing_in(client, f"+{owner.phone}")
    answer = submit(client, CODE, code=code_in(sms[-1]))
    assert (answer.status_code, "This account was closed" in text_of(answer)) == (403, True)
    assert not is_signed_in(client)


def refuse(*_args: object) -> None:
    raise MessageNotSent("no credit", retry=True)


@pytest.mark.parametrize(
    ("broken", "who"),
    [
        ("accounts.messaging.memory.MemoryBackend.send", f"+{PHONE}"),
        ("django.core.mail.backends.locmem.EmailBackend.send_messages", EMAIL),
    ],
)
def test_a_gateway_that_fails_is_said(
    client: Client, monkeypatch: pytest.MonkeyPatch, broken: str, who: str
) -> None:
    monkeypatch.setattr(broken, refuse if "Memory" in broken else refuse_connection)
    answer = submit(client, SIGN_IN, who=who)
    page = text_of(answer)
    assert (answer.status_code, "could not be sent" in page, f'value="{who}"' in page) == (503, True, True)
    assert answer["Retry-After"] == "60"


def refuse_connection(*_args: object) -> None:
    raise ConnectionRefusedError


def test_a_gateway_without_credentials_is_said_and_logged(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SMS_BACKEND = "accounts.messaging.twilio.TwilioBackend"
    answer = submit(client, SIGN_IN, who=f"+{PHONE}")
    assert (answer.status_code, "cannot send messages" in text_of(answer)) == (503, True)
    assert "Codes cannot be sent." in caplog.text


def test_without_a_gateway_the_page_says_what_to_do(client: Client, settings: Settings) -> None:
    signing_in(client)
    assert "sign_in_link" not in text_of(client.get(CODE))
    settings.SMS_BACKEND = "accounts.messaging.file.FileBackend"
    signing_in(client)
    assert "sign_in_link" in text_of(client.get(CODE))
    signing_in(client, EMAIL)
    assert "sign_in_link" not in text_of(client.get(CODE))
    settings.EMAIL_BACKEND = "accounts.messaging.email_outbox.EmailBackend"
    signing_in(client, EMAIL)
    assert "sign_in_link" in text_of(client.get(CODE))


def test_the_page_of_the_code_needs_a_code_that_was_sent(client: Client) -> None:
    answer = client.get(CODE)
    assert (answer.status_code, answer["Location"]) == (303, SIGN_IN)


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/gallery/devices/?x=1", "/gallery/devices/?x=1"),
        ("https://evil.example/", HOME),
        ("//evil.example", HOME),
        ("/\\evil.example", HOME),
        ("\tjavascript:alert(1)", HOME),
    ],
)
def test_one_comes_back_to_the_page_that_asked_but_to_no_other_host(
    client: Client, sms: list[dict[str, Json]], wanted: str, reached: str
) -> None:
    User.objects.create_user(phone=PHONE, verified_phone=PHONE, last_login=timezone.now())
    submit(client, SIGN_IN, who=f"+{PHONE}", next=wanted)
    assert submit(client, CODE, code=code_in(sms[-1]))["Location"] == reached
    assert client.get(SIGN_IN, {"next": wanted})["Location"] == reached


def test_the_sign_in_page_keeps_where_to_go(client: Client) -> None:
    asked = client.get("/gallery/devices/")
    assert 'name="next" value="/gallery/devices/"' in text_of(client.get(asked["Location"]))


@pytest.mark.parametrize("path", [SIGN_IN, CODE, OUT])
def test_a_form_without_its_token_is_refused_in_words(path: str, owner: Person) -> None:
    for client in (browser(), browser(owner.user)):
        answer = client.post(path, {"who": f"+{PHONE}"})
        assert (answer.status_code, "open for too long" in text_of(answer)) == (403, True)
    assert is_signed_in(client), "nobody signs another out"


def test_a_script_is_answered_in_json(client: Client) -> None:
    accept = {"Accept": "application/json"}
    page = text_of(client.get(SIGN_IN))
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    answer = client.post(SIGN_IN, {"who": "x"}, headers={**accept, "X-CSRFToken": token})
    assert (answer.status_code, set(answer.json())) == (400, {"error"})
    answer = client.post(SIGN_IN, {"who": "x"}, headers=accept)
    assert (answer.status_code, set(answer.json())) == (403, {"error"})


def test_signing_in_changes_the_key_of_the_session(client: Client, sms: list[dict[str, Json]]) -> None:
    """Who planted a session in somebody's browser does not get in with it."""
    signing_in(client)
    planted = client.cookies["sessionid"].value
    submit(client, CODE, code=code_in(sms[-1]))
    assert client.cookies["sessionid"].value != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert not is_signed_in(thief)


def test_after_signing_out_nothing_is_left(client: Client, sms: list[dict[str, Json]]) -> None:
    signing_in(client)
    submit(client, CODE, code=code_in(sms[-1]))
    key = client.cookies["sessionid"].value
    assert client.get(HOME)["Cache-Control"] == "no-store", "the back button shows nothing either"
    answer = submit(client, HOME, path=OUT)
    assert (answer.status_code, answer["Location"]) == (303, SIGN_IN)
    assert "You are signed out" in text_of(client.get(SIGN_IN))
    client.cookies["sessionid"] = key
    assert not is_signed_in(client)
    assert not BrowserSession.objects.exclude(user=None).exists()


def test_opening_the_sign_out_page_signs_nobody_out(owner: Person) -> None:
    client = browser(owner.user)
    assert client.get(OUT).status_code == 303
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "forged", ["<script>alert(1)</script>", '" autofocus onfocus="alert(1)', "'><img src=x onerror=alert(1)>"]
)
def test_what_was_typed_is_no_script(client: Client, forged: str) -> None:
    signing_in(client)
    for page, field in ((SIGN_IN, "who"), (CODE, "code")):
        text = text_of(submit(client, page, **{field: forged}))
        assert forged not in text


def test_each_page_costs_few_queries(
    owner: Person, django_assert_max_num_queries: Callable[[int], Answer]
) -> None:
    client = browser()
    with django_assert_max_num_queries(0):  # type: ignore[attr-defined]
        client.get(SIGN_IN)
