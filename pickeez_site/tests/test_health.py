"""The health probes: whether the process is alive, and whether it is ready for requests."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from conftest import Person
from core.tests.answers import Json
from photos.models import Original
from photos.storage import StorageUnavailable
from pickeez_site.operations.doctor.findings import Finding, problem
from pickeez_site.operations.observing import readiness

SECRET = "postgres://somebody:hunter22@10.9.8.7:5432/photos"


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    readiness.readiness.clear()
    yield
    readiness.readiness.clear()


@pytest.fixture
def ask(client: Client) -> Callable[..., tuple[int, dict[str, Json]]]:
    def ask(path: str = "/readyz", **headers: str) -> tuple[int, dict[str, Json]]:
        answer = client.get(path, headers=headers)
        return answer.status_code, answer.json()

    return ask


def fail(name: str) -> Callable[..., Finding]:
    return lambda *_: problem(name, f"it cannot be reached ({SECRET})", f"Look at {SECRET}.")


def test_alive_needs_nothing_at_all(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "CHECKS", {})
    monkeypatch.setattr("photos.storage.stat", lambda _: pytest.fail("the storage was asked"))
    answer = client.get("/healthz")  # without the fixture `db`, a query would raise
    assert (answer.status_code, answer.json()) == (200, {"alive": True})
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Length"] == str(len(answer.content))


@pytest.mark.django_db(transaction=True)
def test_ready_when_all_is_well(ask: Callable[..., tuple[int, dict[str, Json]]]) -> None:
    status, answer = ask()
    assert (status, answer["ready"]) == (200, True)
    assert list(answer["checks"]) == ["database", "broker", "storage", "queue"]
    for check in answer["checks"].values():
        assert check["ok"] is True
        assert set(check) == {"ok", "seconds"}
        assert 0 <= check["seconds"] < 2


@pytest.mark.django_db(transaction=True)
def test_without_the_database_it_is_not_ready(
    ask: Callable[..., tuple[int, dict[str, Json]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "check_database", fail("database"))
    status, answer = ask()
    assert (status, answer["ready"]) == (503, False)
    assert answer["checks"]["database"]["ok"] is False
    assert answer["checks"]["storage"]["ok"] is True


@pytest.mark.django_db(transaction=True)
def test_without_the_storage_it_is_not_ready(
    ask: Callable[..., tuple[int, dict[str, Json]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_key: str) -> None:
        raise StorageUnavailable from OSError(SECRET)

    monkeypatch.setattr("photos.storage.stat", away)
    status, answer = ask()
    assert (status, answer["checks"]["storage"]["error"]) == (503, "It does not answer.")


@pytest.mark.django_db(transaction=True)
def test_without_the_broker_it_is_ready_for_uploads_are_kept(
    ask: Callable[..., tuple[int, dict[str, Json]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "check_broker", fail("broker"))
    status, answer = ask()
    assert (status, answer["ready"]) == (200, True)
    assert "Uploads are kept" in answer["checks"]["broker"]["error"]


@pytest.mark.django_db(transaction=True)
def test_a_late_queue_is_told_and_takes_nobody_out_of_rotation(
    ask: Callable[..., tuple[int, dict[str, Json]]], owner: Person
) -> None:
    Original.objects.create(owner=owner.user, key="camera/a.jpg")
    assert ask()[1]["checks"]["queue"]["ok"] is True
    Original.objects.update(waiting_since=timezone.now() - timedelta(minutes=11))
    readiness.readiness.clear()
    status, answer = ask()
    assert (status, answer["ready"]) == (200, True)
    assert answer["checks"]["queue"]["error"] == "The oldest picture has waited for 11 minutes."
    Original.objects.update(status=Original.Status.FAILED)
    readiness.readiness.clear()
    assert ask()[1]["checks"]["queue"]["ok"] is True


@pytest.mark.django_db(transaction=True)
def test_what_hangs_is_cut_off_and_the_others_are_not_waited_for_in_turn(
    ask: Callable[..., tuple[int, dict[str, Json]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr("photos.storage.stat", lambda _: time.sleep(3))
    monkeypatch.setattr(readiness, "oldest_unfinished_seconds", lambda: time.sleep(3))
    start = time.monotonic()
    status, answer = ask()
    assert time.monotonic() - start < 2
    assert (status, answer["checks"]["storage"]["ok"], answer["checks"]["queue"]["ok"]) == (503, False, False)


def test_probes_that_come_all_the_time_are_answered_from_one_look(
    ask: Callable[..., tuple[int, dict[str, Json]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []

    def look() -> str:
        looks.append("a look")
        return ""

    monkeypatch.setattr(readiness, "CHECKS", dict.fromkeys(readiness.CHECKS, look))
    assert [ask()[0] for _ in range(20)] == [200] * 20
    assert len(looks) == len(readiness.CHECKS)


def test_the_storage_check_stores_nothing(stored: Callable[..., list[str]]) -> None:
    readiness.require_storage()
    assert stored() == []


def test_a_disk_that_is_no_folder_to_write_to_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("in the way")
    with pytest.raises(readiness.NotReady, match=r"^It does not answer\.$"):
        readiness.require_storage()


def test_the_buckets_answer_is_what_counts(bucket: str, settings: Settings) -> None:
    readiness.require_storage()
    options = settings.STORAGES["default"]["OPTIONS"] | {
        "bucket_name": bucket,
        "endpoint_url": "http://127.0.0.1:9",
    }
    settings.STORAGES = {**settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": options}}
    with pytest.raises(readiness.NotReady, match=r"^It does not answer\.$"):
        readiness.require_storage()


def test_no_answer_names_a_host_or_shows_a_secret(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise DatabaseError(SECRET)

    monkeypatch.setattr(readiness, "check_database", fail("database"))
    monkeypatch.setattr(readiness, "check_broker", fail("broker"))
    monkeypatch.setattr(readiness, "oldest_unfinished_seconds", broken)
    monkeypatch.setitem(readiness.CHECKS, "storage", broken)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert {name: check["ok"] for name, check in answer.json()["checks"].items()} == dict.fromkeys(
        readiness.CHECKS, False
    )
    assert not any(word in answer.content.decode() for word in ("hunter22", "10.9.8.7", "somebody"))


@pytest.mark.parametrize("path", ["/healthz", "/healthz/", "/readyz", "/readyz/"])
def test_probes_come_by_plain_http_and_by_ip_address(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(readiness, "CHECKS", dict.fromkeys(readiness.CHECKS, str))
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["photos.example"]
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    assert client.get(path, headers={"host": "10.1.2.3:8000"}).status_code == 200
    assert client.get("/ping", headers={"host": "10.1.2.3:8000"}).status_code == 400


def test_probes_ask_and_send_nothing(client: Client) -> None:
    answer = client.post("/healthz")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert client.head("/healthz").content == b""
