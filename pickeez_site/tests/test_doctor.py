"""The doctor's findings about a healthy server, and about each possible problem."""

import json
import os
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from botocore.exceptions import ClientError, NoCredentialsError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone
from kombu import Connection
from pytest_django import Settings

from albums.models import Album, PendingAlbum
from albums.services import hand_out_album, mark_answered, renew_lease
from conftest import MakePicture, Person
from core.deadlines import run_with_timeout
from faces.models import FaceSearch, Selfie
from faces.tests.fake_engine import FakeEngine
from photos import probing
from photos.models import Original
from photos.probing import Probe
from photos.storage import OWN_AREA, PROBES, StorageUnavailable
from photos.tests.builders import place_photos
from pickeez_site.celery import app
from pickeez_site.operations.doctor import Finding, Level, models
from pickeez_site.operations.doctor import broker as brokers
from pickeez_site.operations.doctor import clock as clocks
from pickeez_site.operations.doctor import database as databases
from pickeez_site.operations.doctor import storage as storages
from pickeez_site.operations.doctor.checks import CHECK_NAMES, run_checks
from pickeez_site.operations.doctor.configuration import check_data_dir, check_settings, is_private
from pickeez_site.operations.doctor.models import (
    check_face_models,
    check_object_detector,
    check_what_other_engines_saw,
)
from pickeez_site.operations.doctor.queue import check_albums_queue, check_originals_queue, check_taken_outside


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("doctor", *arguments, stdout=out)
    return out.getvalue()


def assert_problem(finding: Finding, *words: str) -> None:
    """Asserts that the finding is a problem that contains these words and has advice."""
    assert finding.level == Level.PROBLEM, finding
    assert finding.advice
    for word in words:
        assert word in str(finding)


# --- The command -------------------------------------------------------------------------------------------------


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """The findings that `run_checks` returns."""
    findings: list[Finding] = []
    monkeypatch.setattr("pickeez_site.management.commands.doctor.run_checks", lambda names: iter(findings))
    return findings


def test_every_finding_is_a_line_with_what_to_do(found: list[Finding]) -> None:
    found += [Finding("clock", Level.OK, "right"), Finding("disk", Level.WARNING, "nearly full", "Make room.")]
    assert run() == "ok clock: right.\nwarning disk: nearly full. Make room.\n"


def test_a_problem_makes_the_status_one(found: list[Finding]) -> None:
    found += [Finding("disk", Level.PROBLEM, "full", "Make room.")]
    with pytest.raises(CommandError, match=r"^1 problem\.$") as failure:
        run()
    assert failure.value.returncode == 1


def test_json_is_one_list_also_with_problems(found: list[Finding]) -> None:
    found += [Finding("disk", Level.PROBLEM, "full", "Make room.")]
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("doctor", "--json", stdout=out)
    assert json.loads(out.getvalue()) == [
        {"name": "disk", "level": "problem", "found": "full", "advice": "Make room."}
    ]


def test_a_check_of_no_such_name_is_refused() -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        run("--only", "weather")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(set(CHECK_NAMES) - {"broker", "models"}))
def test_a_sound_server_has_no_problem_however_often_it_is_asked(
    name: str, stored: Callable[..., list[str]]
) -> None:
    for _ in range(2):
        for line in run("--only", name).splitlines():
            assert line.startswith("ok ")
    assert stored() == []


def test_what_rests_on_a_database_that_is_away_is_not_asked(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr(databases, "_measure_query", broken)
    findings = list(run_checks(["database", "queue"]))
    assert [finding.name for finding in findings] == ["database"]


# --- Time --------------------------------------------------------------------------------------------------------


def test_nothing_takes_longer_than_its_time() -> None:
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        run_with_timeout(0.05, lambda: time.sleep(1))
    assert time.monotonic() - started < 0.5


def test_whatever_a_check_runs_into_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise LookupError("no such thing\nTraceback")

    monkeypatch.setattr(storages, "probe_storage", fail)
    assert_problem(storages.check_storage(), "LookupError: no such thing)")
    monkeypatch.setattr(brokers, "_connect", fail)
    assert_problem(brokers.check_broker(), "LookupError: no such thing)")


def hang() -> None:
    time.sleep(0.5)


def broken(*_: object) -> None:
    raise OperationalError("could not connect to server\nIs it running?")


# --- The database ------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_database_answers_and_its_tables_are_right() -> None:
    assert databases.check_database().level == databases.check_migrations().level == Level.OK


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="about SQLite")
@pytest.mark.django_db(transaction=True)
def test_sqlite_without_wal_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "_measure_query", lambda: ("SQLite 3.40.1, journal delete", 0.001))
    assert databases.check_database().level == Level.WARNING


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("ask", "words"), [(broken, "could not connect to server"), (hang, "no answer within 0.1 s")]
)
def test_a_database_that_is_away_or_hangs(
    monkeypatch: pytest.MonkeyPatch, ask: Callable[..., object], words: str
) -> None:
    monkeypatch.setattr(databases, "_measure_query", ask)
    monkeypatch.setattr(databases, "_missing_migrations", ask)
    assert_problem(databases.check_database(0.1), words)
    assert_problem(databases.check_migrations(0.1), words)


@pytest.mark.django_db(transaction=True)
def test_a_slow_database_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "_measure_query", lambda: ("PostgreSQL 16.1", 0.5))
    assert databases.check_database().level == Level.WARNING


@pytest.mark.django_db(transaction=True)
def test_migrations_that_are_missing_are_counted() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'profiles'")
    try:
        assert_problem(databases.check_migrations(), "profiles.0001_initial", "manage.py migrate")
    finally:
        call_command("migrate", "profiles", fake=True, verbosity=0)


# --- The storage -------------------------------------------------------------------------------------------------


def test_what_is_stored_to_try_is_in_the_servers_own_area_and_gone_again(stored: Callable[..., list[str]]) -> None:
    assert PROBES in OWN_AREA
    assert storages.check_storage().level == Level.OK
    assert stored() == []


def test_a_folder_that_cannot_be_made(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "media").write_text("in the way")
    assert_problem(storages.check_storage(), str(tmp_path / "media"))


@pytest.mark.parametrize(
    ("free", "level"), [(10**7, Level.PROBLEM), (5 * 10**8, Level.WARNING), (10**12, Level.OK), (None, Level.OK)]
)
def test_the_room_on_the_disk(monkeypatch: pytest.MonkeyPatch, free: int | None, level: Level) -> None:
    monkeypatch.setattr(storages, "probe_storage", lambda: Probe("the folder x", timezone.now(), free))
    assert storages.check_storage().level == level


def test_a_bucket_takes_and_gives_files(bucket: str) -> None:
    default_storage.save("probes/another", ContentFile(b"x"))
    finding = storages.check_storage(10)
    assert finding.level == Level.OK
    assert bucket in finding.found
    assert default_storage.listdir("probes") == ([], ["another"])


def test_a_bucket_that_is_missing(bucket: str) -> None:
    default_storage.bucket.delete()  # type: ignore[attr-defined]
    assert_problem(storages.check_storage(10), "no such bucket", "AWS_STORAGE_BUCKET_NAME")


def test_a_server_of_buckets_that_is_away(bucket: str, settings: Settings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        options = settings.STORAGES["default"]["OPTIONS"]
        options["endpoint_url"] = f"http://127.0.0.1:{free.getsockname()[1]}"
        settings.STORAGES = {**settings.STORAGES}
        assert_problem(storages.check_storage(20), "cannot be reached", "AWS_S3_ENDPOINT_URL")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDenied", "access is denied"),
        ("InvalidAccessKeyId", "no such access key"),
        ("RequestTimeTooSkewed", "clock"),
        ("InvalidBucketState", "it answers InvalidBucketState"),
    ],
)
def test_a_bucket_that_refuses(bucket: str, monkeypatch: pytest.MonkeyPatch, code: str, words: str) -> None:
    def refuse(*_: object) -> None:
        raise StorageUnavailable from ClientError({"Error": {"Code": code}}, "PutObject")

    monkeypatch.setattr(probing, "save", refuse)
    assert_problem(storages.check_storage(10), words, bucket)


def test_a_bucket_without_a_key_to_it(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise StorageUnavailable from NoCredentialsError()

    monkeypatch.setattr(probing, "save", refuse)
    assert_problem(storages.check_storage(10), "no key", "AWS_ACCESS_KEY_ID")


def test_a_storage_that_loses_or_changes_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "read", lambda _: b"something else")
    assert_problem(storages.check_storage(), "came back changed")
    monkeypatch.undo()
    monkeypatch.setattr(probing, "save", lambda *_: None)
    assert_problem(storages.check_storage(), "is gone")


# --- Broker, workers, scheduler ----------------------------------------------------------------------------------


@pytest.fixture
def broker_at(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets the address of the broker."""

    def use(url: str) -> None:
        settings.CELERY_BROKER_URL = url
        monkeypatch.setattr(app, "connection_for_write", lambda: Connection(url, connect_timeout=1))

    return use


@pytest.mark.skipif("CELERY_BROKER_URL" in os.environ, reason="about the embedded broker")
def test_the_embedded_broker(settings: Settings, tmp_path: Path) -> None:
    assert brokers.check_broker().level == Level.OK
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "gone")}
    assert_problem(brokers.check_broker(), "cannot be reached", "DATA_DIR")


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_is_away(broker_at: Callable[..., None], scheme: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        broker_at(f"{scheme}://:secret@127.0.0.1:{free.getsockname()[1]}/")
        finding = brokers.check_broker()
    assert_problem(finding, "cannot be reached", "CELERY_BROKER_URL")
    assert "secret" not in str(finding)


class FakeInspect:
    """Stands in for `app.control.inspect`: its `ping` returns or raises `answer`."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def __call__(self, **_: object) -> "FakeInspect":
        return self

    def ping(self) -> object:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [(None, "none answers"), (ConnectionRefusedError("refused"), "cannot be asked")],
)
def test_no_worker_answers(monkeypatch: pytest.MonkeyPatch, answer: object, words: str) -> None:
    monkeypatch.setattr(app.control, "inspect", FakeInspect(answer))
    assert_problem(brokers.check_workers(), words)


def test_a_worker_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.control, "inspect", FakeInspect({"celery@host": {"ok": "pong"}}))
    assert brokers.check_workers() == Finding("workers", Level.OK, "celery@host answers")


@pytest.mark.parametrize(
    ("minutes", "level"), [(None, Level.WARNING), (1, Level.OK), (5, Level.OK), (30, Level.PROBLEM)]
)
def test_when_the_scheduler_last_wrote(
    settings: Settings, tmp_path: Path, minutes: int | None, level: Level
) -> None:
    settings.CELERY_BEAT_SCHEDULE_FILENAME = str(tmp_path / "beat-schedule")
    if minutes is not None:
        for name, age in (("beat-schedule.dat", minutes), ("beat-schedule.bak", 999)):
            (tmp_path / name).touch()
            at = time.time() - age * 60
            os.utime(tmp_path / name, (at, at))
    assert brokers.check_scheduler().level == level


# --- The queue ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "level"), [(0, Level.OK), (3600, Level.WARNING), (86400, Level.PROBLEM)])
def test_how_long_the_oldest_work_waits(album: Album, owner: Person, age: int, level: Level) -> None:
    place_photos(album, owner.user, 2, status="new")
    since = timezone.now() - timedelta(seconds=age)
    PendingAlbum.objects.create(album=album, touched_at=since)
    Original.objects.update(waiting_since=since)
    assert (check_albums_queue().level, check_originals_queue().level) == (level, level)
    assert check_originals_queue().found.startswith("2 originals wait, the oldest for ")


def test_albums_that_an_outside_algorithm_holds(album: Album, settings: Settings) -> None:
    assert check_taken_outside().level == Level.OK
    PendingAlbum.objects.create(album=album, done_uploading=True)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert hand_out_album() == album.pk
        clock.shift(60)
        finding = check_taken_outside()
        assert (finding.level, finding.found) == (Level.OK, "it holds 1 albums, the first for 60 seconds")
        for _ in range(8):
            clock.shift(settings.ALGO_LEASE_SECONDS - 60)
            renew_lease(album_id=album.pk)
        finding = check_taken_outside()
        assert (finding.level, finding.found) == (Level.WARNING, "it holds 1 albums, the first for 7 hours")
        assert "Set pending" in finding.advice
        clock.shift(settings.ALGO_LEASE_SECONDS + 120)
        finding = check_taken_outside()
        found = "nothing was heard of 1 albums that it took, and the first is free for 2 minutes"
        assert (finding.level, finding.found) == (Level.WARNING, found)
        hand_out_album()
        mark_answered(album_ids=[album.pk])
        clock.shift(timedelta(days=9))
        assert check_taken_outside().level == Level.OK


# --- Models ------------------------------------------------------------------------------------------------------


def test_the_face_engine_searches_a_picture_or_what_it_lacks_is_said(
    monkeypatch: pytest.MonkeyPatch, make_picture: MakePicture, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(models, "selfie", lambda name: make_picture(0).read())
        assert check_face_models().level == Level.OK
        assert "finds a face" in check_face_models().found
        patch.setattr(models, "selfie", lambda name: make_picture().read())
        assert check_face_models().level == Level.WARNING
    monkeypatch.setattr(FakeEngine, "find_faces", lambda *_: 1 / 0)
    assert_problem(check_face_models(), "cannot search a picture", "division by zero")
    assert "division by zero" in caplog.text


def test_what_another_engine_has_looked_at_is_counted(
    owner: Person, album: Album, make_picture: MakePicture
) -> None:
    assert check_what_other_engines_saw().level == Level.OK
    owner.post("/me/selfie", {"file": make_picture(0)})
    for seed in range(2):
        owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0, seed=seed)})
    assert check_what_other_engines_saw() == Finding("face engine", Level.OK, "fake has looked at everything")
    Selfie.objects.update(engine="other")
    FaceSearch.objects.all().delete()
    finding = check_what_other_engines_saw()
    assert finding.level == Level.WARNING
    assert "2 originals and 1 selfies" in finding.found
    assert "look_again" in finding.advice


@pytest.mark.parametrize("path", ["faces.engine.nothing.Engine", "faces.engine.deepface.NoEngine"])
def test_a_face_engine_that_is_not_there(settings: Settings, path: str) -> None:
    settings.FACE_ENGINE = path
    assert_problem(check_face_models(), path, "FACE_ENGINE")


def test_no_object_model_is_a_warning_and_a_damaged_one_a_problem(settings: Settings, tmp_path: Path) -> None:
    settings.OBJECT_MODEL = tmp_path / "model.onnx"
    assert check_object_detector().level == Level.WARNING
    assert "fetch_models" in check_object_detector().advice
    settings.OBJECT_MODEL.write_bytes(b"no network")
    assert_problem(check_object_detector(), "no ONNX network", "fetch_models")


# --- Clocks ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_clocks_agree() -> None:
    assert clocks.check_clock().level == Level.OK


@pytest.mark.django_db(transaction=True)
def test_the_clock_of_a_bucket_is_read(bucket: str) -> None:
    assert clocks.check_clock(10).level == Level.OK


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("seconds", "words"), [(60, "60 s ahead of"), (-60, "60 s behind")])
def test_a_clock_that_differs(monkeypatch: pytest.MonkeyPatch, seconds: int, words: str) -> None:
    elsewhere = timedelta(seconds=seconds)
    monkeypatch.setattr(clocks, "_storage_now", lambda: datetime.now(UTC) + elsewhere)
    assert_problem(clocks.check_clock(), f"the storage's is {words} this machine's", "NTP")


@pytest.mark.django_db(transaction=True)
def test_a_clock_that_cannot_be_read_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "_storage_now", hang)
    assert clocks.check_clock(0.1).level == Level.WARNING


# --- Settings ----------------------------------------------------------------------------------------------------

SOUND = {
    "PUBLIC_URL": "https://photos.example",
    "ALLOWED_HOSTS": ["photos.example"],
    "SMS_BACKEND": "accounts.messaging.twilio.TwilioBackend",
    "DEBUG": False,
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"DEBUG": True}, ["DEBUG"]),
        ({"PUBLIC_URL": "http://photos.example"}, ["PUBLIC_URL is plain http"]),
        ({"ALLOWED_HOSTS": ["localhost"]}, ["lacks the host of PUBLIC_URL"]),
        ({"ALLOWED_HOSTS": [".example"]}, []),
        ({"SMS_BACKEND": "accounts.messaging.file.FileBackend"}, ["SMS go to files"]),
        ({"LOCAL_LIBRARY_USER": "12025550111", "HOST": "0.0.0.0"}, ["LOCAL_LIBRARY_USER"]),
        ({"LOCAL_LIBRARY_USER": "12025550111", "HOST": "127.0.0.1"}, []),
        ({"DEBUG": True, "PUBLIC_URL": "http://photos.example"}, ["DEBUG", "PUBLIC_URL is plain http"]),
        ({}, []),
    ],
)
def test_settings_that_are_mistakes_on_a_public_server(
    settings: Settings, change: dict[str, object], words: list[str]
) -> None:
    for name, value in {**SOUND, **change}.items():
        setattr(settings, name, value)
    problems = [finding for finding in check_settings() if finding.level == Level.PROBLEM]
    assert len(problems) == len(words)
    for finding, word in zip(problems, words, strict=True):
        assert_problem(finding, word)


@pytest.mark.parametrize(
    ("change", "warned"),
    [({}, True), ({"IMPORT_USERS": ["12025550111"]}, False), ({"LOCAL_LIBRARY_USER": "12025550111"}, False)],
)
def test_import_roots_that_nobody_may_use(settings: Settings, change: dict[str, object], warned: bool) -> None:
    for name, value in {**SOUND, "IMPORT_ROOTS": [Path("/pictures")], "HOST": "127.0.0.1", **change}.items():
        setattr(settings, name, value)
    assert any("IMPORT_ROOTS" in finding.found for finding in check_settings()) is warned


def test_settings_of_a_private_server(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://192.168.1.5:8000"
    assert [finding.level for finding in check_settings()] == [Level.OK]
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["*"]
    assert [finding.level for finding in check_settings()] == [Level.WARNING] * 2


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("10.1.2.3", True),
        ("nas.local", True),
        ("0.0.0.0", False),
        ("::", False),
        ("8.8.8.8", False),
        ("photos.example", False),
    ],
)
def test_what_only_this_network_reaches(host: str, private: bool) -> None:
    assert is_private(host) == private


def test_a_data_folder_that_cannot_be_written_to(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = Path(tmp_path)
    assert check_data_dir().level == Level.OK
    settings.DATA_DIR = tmp_path / "gone"
    assert_problem(check_data_dir(), "gone")
