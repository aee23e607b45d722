"""After people have signed in and out, no token, code or password is to be found where data and logs are kept."""

import logging
import re
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from accounts.tests.sent_codes import last_code
from conftest import Caller
from core.tests.answers import Json

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "open-sesame-4711"
PHONES = ["12025550199", "12025550188"]


def kept() -> str:
    """All that the database holds: every row, and for SQLite its file as it is, with what was deleted."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += cursor.fetchall()
        file = connection.connection.serialize().decode("latin-1") if connection.vendor == "sqlite" else ""
    return f"{rows!r}{file}"


def found_in(text: str, secrets: dict[str, str]) -> list[str]:
    """Which of the secrets stand in the text: as such, not as digits of a longer number, a digest or a time."""
    return [name for name, secret in secrets.items() if re.search(rf"(?<![0-9a-f.]){secret}(?![0-9a-f])", text)]


@pytest.fixture
def secrets(
    db: None, nobody: Caller, sms: list[dict[str, Json]], settings: Settings, caplog: pytest.LogCaptureFixture
) -> dict[str, str]:
    """Signs in, confirms a phone, fails in every way and uses the algorithm's password; gives all that was secret."""
    caplog.set_level(logging.DEBUG)
    settings.ALGO_PASSWORD = PASSWORD
    found = {"algo password": PASSWORD, "wrong token": "wrong-token-0815", "wrong password": "wrong-password-0815"}
    nobody.post("/login/phone", {"phone": PHONES[0]})
    found["sign-in code"] = last_code(sms)
    nobody.post("/login/phone/confirm", {"phone": PHONES[0], "code": "271828"})
    signed_in = nobody.post(f"/login/phone/confirm?phone={PHONES[0]}&code={found['sign-in code']}").json()
    found["token"] = token = signed_in["token"]
    nobody.post("/set_phone", {"phone": PHONES[1], "token": token})
    nobody.post("/set_phone", {"phone": PHONES[1], "token": token})
    found["phone code"] = last_code(sms)
    for path in ("/me", "/nothing", "/set_phone", "/albums/x", "/albums/mine?limit=x&a=b"):
        nobody.get(path, {"token": token})
        nobody.get(path, {"token": found["wrong token"], "code": found["phone code"]})
    nobody.post(f"/confirm_phone?code={found['phone code']}&token={token}")
    for password in (PASSWORD, found["wrong password"]):
        nobody.get("/albums/algo/all_pending", {"password": password})
        nobody.get("/users/algo/model/get", {"password": password})
    return found


def test_the_flow_was_a_real_one(secrets: dict[str, str], nobody: Caller) -> None:
    user = User.objects.get()
    assert user.verified_phone == PHONES[1]
    assert nobody.get("/me", {"token": secrets["token"]}).json()["_id"] == str(user.pk)


def test_the_database_keeps_no_secret(secrets: dict[str, str]) -> None:
    database = kept()
    assert PHONES[1] in database  # so it is the right place to look
    assert found_in(database, secrets) == []


def test_the_log_keeps_no_secret(secrets: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    records = caplog.get_records("setup")
    written = "\n".join(f"{record.getMessage()} {record.exc_text} {record.args}" for record in records)
    assert "Unauthorized: /me" in written
    assert found_in(written, secrets) == []


def test_an_unforeseen_error_logs_no_secret(
    secrets: dict[str, str], nobody: Caller, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: str, **_kwargs: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("accounts.services.codes.constant_time_compare", broken)
    nobody.client.raise_request_exception = False
    nobody.post(f"/login/phone?phone={PHONES[0]}")
    query = f"phone={PHONES[0]}&code={secrets['phone code']}&token={secrets['token']}"
    assert nobody.post(f"/login/phone/confirm?{query}").status_code == 500
    assert "RuntimeError" in caplog.text
    assert found_in(caplog.text, secrets) == []


def test_what_a_user_is_shown_and_what_they_look_like_in_a_log_hold_no_secret(secrets: dict[str, str]) -> None:
    user = User.objects.get()
    shown = f"{user!r} {user} {user.access_tokens.get()!r} {user.phone_codes.first()!r}"
    assert found_in(shown, secrets) == []


def test_logging_out_leaves_not_even_the_digest(secrets: dict[str, str], nobody: Caller) -> None:
    digest = User.objects.get().access_tokens.get().digest
    assert digest in kept()
    nobody.post("/logout", {"token": secrets["token"]})
    assert not User.objects.get().access_tokens.exists()


def test_gunicorn_writes_no_access_log_of_its_own() -> None:
    """Its lines would hold paths as they are, signatures and all."""
    configurations = list((ROOT / "pickeez_site").rglob("gunicorn.conf.py"))
    assert configurations
    for configuration in configurations:
        assert re.findall(r"^accesslog\s*=\s*(.+)$", configuration.read_text(), re.MULTILINE) == ["None"]
