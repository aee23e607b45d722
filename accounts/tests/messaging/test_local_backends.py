import io
import json
import subprocess
import sys
import threading
from pathlib import Path
from uuid import UUID

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from accounts.messaging import MessageNotSent, get_push_backend, get_sms_backend
from accounts.messaging.console import ConsoleBackend
from accounts.messaging.email import send_email
from accounts.messaging.file import FileBackend
from accounts.messaging.memory import MemoryBackend, outbox

SMS = {"to": "972522934321", "body": "שלום"}
PUSH = {"to": UUID(int=1), "token": "t", "body": "New photos", "data": {"album_id": UUID(int=2)}}


@pytest.fixture
def outbox_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.OUTBOX_DIR = tmp_path / "var" / "outbox"
    return settings.OUTBOX_DIR


def test_settings_choose_a_backend_for_each_channel(settings: Settings) -> None:
    settings.SMS_BACKEND = "accounts.messaging.memory.MemoryBackend"
    settings.PUSH_BACKEND = "accounts.messaging.console.ConsoleBackend"
    assert (type(get_sms_backend()), get_sms_backend().channel) == (MemoryBackend, "sms")
    assert (type(get_push_backend()), get_push_backend().channel) == (ConsoleBackend, "push")


@pytest.mark.parametrize("path", ["accounts.messaging.twilio.TwilioBackend", "accounts.messaging.fcm.FcmBackend"])
def test_a_backend_of_the_other_channel_is_refused(settings: Settings, path: str) -> None:
    settings.SMS_BACKEND = settings.PUSH_BACKEND = path
    wrong = get_push_backend if "twilio" in path else get_sms_backend
    with pytest.raises(ImproperlyConfigured, match="sends no"):
        wrong()


def test_each_email_becomes_a_file_too(outbox_dir: Path, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "accounts.messaging.email_outbox.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "Pickeez <no-reply@a.example>"
    send_email(to="grace@example.org", subject="Your\ncode", body="123456")
    (file,) = (outbox_dir / "email").iterdir()
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "to": "grace@example.org",
        "from": "Pickeez <no-reply@a.example>",
        "subject": "Your code",
        "body": "123456",
    }
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_an_outbox_that_cannot_be_written_is_said(outbox_dir: Path, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "accounts.messaging.email_outbox.EmailBackend"
    outbox_dir.parent.mkdir(parents=True)
    outbox_dir.write_text("in the way")
    with pytest.raises(MessageNotSent):
        send_email(to="grace@example.org", subject="Your code", body="123456")


def test_each_message_becomes_a_file_and_names_sort_by_time(outbox_dir: Path) -> None:
    backend = FileBackend("sms")
    for number in range(20):
        backend.send({**SMS, "number": number})
    files = sorted((outbox_dir / "sms").glob("*.json"))
    assert [json.loads(file.read_text(encoding="utf-8"))["number"] for file in files] == list(range(20))
    assert json.loads(files[0].read_text(encoding="utf-8")) == {**SMS, "number": 0}


def test_a_push_file_holds_ids_as_text(outbox_dir: Path) -> None:
    FileBackend("push").send(PUSH)
    [file] = (outbox_dir / "push").glob("*.json")
    assert json.loads(file.read_text())["data"] == {"album_id": str(UUID(int=2))}


def test_only_the_owner_may_read_the_outbox(outbox_dir: Path) -> None:
    FileBackend("sms").send(SMS)
    [file] = (outbox_dir / "sms").iterdir()
    assert [oct(path.stat().st_mode)[-3:] for path in (outbox_dir, file.parent, file)] == [
        "700",
        "700",
        "600",
    ]


def test_an_unfinished_message_file_is_never_visible(outbox_dir: Path) -> None:
    stop = threading.Event()
    backend = FileBackend("sms")

    def write() -> None:
        while not stop.is_set():
            backend.send({**SMS, "body": "x" * 100_000})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen: set[Path] = set()
        while len(seen) < 50:
            for file in set((outbox_dir / "sms").glob("*.json")) - seen:
                assert len(json.loads(file.read_text())["body"]) == 100_000
                seen.add(file)
    finally:
        stop.set()
        writer.join()


def test_an_outbox_that_cannot_be_written_may_be_retried_and_leaves_no_file(
    outbox_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FileBackend("sms").send(SMS)
    monkeypatch.setattr(
        "pathlib.Path.rename", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(MessageNotSent, match="No space left") as caught:
        FileBackend("sms").send(SMS)
    assert caught.value.retry is True
    assert len(list((outbox_dir / "sms").iterdir())) == 1


def test_the_console_shows_channel_and_message() -> None:
    stream = io.StringIO()
    ConsoleBackend("sms", stream=stream).send(SMS)
    channel, message = stream.getvalue().split(": ", 1)
    assert (channel, json.loads(message)) == ("sms", SMS)


def test_the_console_backend_writes_to_standard_output_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    ConsoleBackend("push").send(PUSH)
    assert capsys.readouterr().out.startswith("push: {")


def test_the_memory_backend_separates_the_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(outbox, "sms", [])
    monkeypatch.setitem(outbox, "push", [])
    MemoryBackend("sms").send(SMS)
    MemoryBackend("push").send(PUSH)
    assert outbox == {"sms": [SMS], "push": [PUSH], "web": []}


def test_the_gateways_libraries_are_not_imported_before_they_are_used() -> None:
    program = (
        "import sys, accounts.messaging.twilio, accounts.messaging.fcm, accounts.messaging.checks\n"
        "sys.exit(bool({'twilio', 'firebase_admin', 'requests'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
