"""After users have signed in and out, neither database nor logs contain a token, code or password."""

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


def database_content() -> str:
    """Returns the content of the database: every row, and for SQLite also its file, with deleted rows."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += cursor.fetchall()
        file = connection.connection.serialize().decode("latin-1") if connection.vendor == "sqlite" else ""
    return f"{rows!r}{file}"


def found_in(text: str, secrets: dict[str, str]) -> list[str]:
    """Returns the secrets that the text contains, except as a part of a longer number, a digest or a time."""
    return [name for name, secret in secrets.items() if re.search(rf"(?<![0-9a-f.]){secret}(?![0-9a-f])", text)]


@pytest.fixture
def secrets(
    db: None, nobody: Caller, sms: list[dict[str, Json]], settings: Settings, caplog: pytest.LogCaptureFixture
) -> dict[str, str]:
    """Signs in, verifies a phone, fails in every way, uses the algorithm's password; returns all secrets."""
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


def test_the_flow_ran_to_its_end(secrets: dict[str, str], nobody: Caller) -> None:
    user = User.objects.get()
    assert user.verified_phone == PHONES[1]
    assert nobody.get("/me", {"token": secrets["token"]}).json()["_id"] == str(user.pk)


def test_the_database_contains_no_secret(secrets: dict[str, str]) -> None:
    database = database_content()
    assert PHONES[1] in database  # so it is the right place to look
    assert found_in(database, secrets) == []


def test_the_log_contains_no_secret(secrets: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    records = caplog.get_records("setup")
    written = "\n".join(f"{record.getMessage()} {record.exc_text} {record.args}" for record in records)
    assert "Unauthorized: /me" in written
    assert found_in(written, secrets) == []


def test_an_unforeseen_error_logs_no_secret(
    secrets: dict[str, str], nobody: Caller, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: str, **_kwargs: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("accounts.services.one_time_codes.constant_time_compare", broken)
    nobody.client.raise_request_exception = False
    nobody.post(f"/login/phone?phone={PHONES[0]}")
    query = f"phone={PHONES[0]}&code={secrets['phone code']}&token={secrets['token']}"
    assert nobody.post(f"/login/phone/confirm?{query}").status_code == 500
    assert "RuntimeError" in caplog.text
    assert found_in(caplog.text, secrets) == []


def test_the_str_and_repr_of_rows_contain_no_secret(secrets: dict[str, str]) -> None:
    user = User.objects.get()
    shown = f"{user!r} {user} {user.access_tokens.get()!r} {user.phone_codes.first()!r}"
    assert found_in(shown, secrets) == []


def test_logging_out_deletes_the_digest(secrets: dict[str, str], nobody: Caller) -> None:
    digest = User.objects.get().access_tokens.get().digest
    assert digest in database_content()
    nobody.post("/logout", {"token": secrets["token"]})
    assert not User.objects.get().access_tokens.exists()


def test_gunicorn_writes_no_access_log_of_its_own() -> None:
    """Its lines would contain whole paths with their signatures."""
    configurations = list((ROOT / "pickeez_site").rglob("gunicorn.conf.py"))
    assert configurations
    for configuration in configurations:
        assert re.findall(r"^accesslog\s*=\s*(.+)$", configuration.read_text(), re.MULTILINE) == ["None"]
