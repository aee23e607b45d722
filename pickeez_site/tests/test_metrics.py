"""The metrics: their values, and who may read them."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import prometheus_client
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from accounts.models import Message
from albums.models import Album, PendingAlbum
from conftest import Caller, MakePicture, Person
from core.outages import CircuitBreaker
from photos.models import FileToRemove, Original
from pickeez_site.operations.observing import gauges, metric_files, metrics, prometheus_internals, queues, workers
from pickeez_site.operations.observing.gauges import read_backlog

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    gauges.cached_backlog.clear()
    gauges.cached_queue_depths.clear()
    yield
    gauges.cached_backlog.clear()
    gauges.cached_queue_depths.clear()


@pytest.fixture
def scrape(client: Client) -> Callable[..., float]:
    def scrape(name: str, **labels: str) -> float:
        """The value of one sample; 0 where there is none yet."""
        text = client.get("/metrics").content.decode()
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        return sum(
            found.value for found in samples if found.name == name and labels.items() <= found.labels.items()
        )

    return scrape


@pytest.mark.django_db(transaction=True)
class TestRequests:
    def test_are_counted_by_route_method_and_status(self, scrape: Callable[..., float], owner: Person) -> None:
        labels = {"route": "/albums/<str:album_id>", "method": "GET"}
        before = scrape("pickeez_http_requests_total", **labels, status="404")
        timed = scrape("pickeez_http_request_seconds_count", **labels)
        owner.get("/albums/0198d9e2-5f52-7cc1-a1e3-000000000001")
        owner.get("/albums/0198d9e2-5f52-7cc1-a1e3-000000000002/")
        assert scrape("pickeez_http_requests_total", **labels, status="404") == before + 2
        assert scrape("pickeez_http_request_seconds_count", **labels) == timed + 2

    def test_what_clients_make_up_makes_no_new_series(
        self, client: Client, scrape: Callable[..., float], nobody: Caller
    ) -> None:
        for number in range(3):
            nobody.get(f"/made/up/{number}")
            nobody.client.generic(f"MADEUP{number}", "/ping")
        text = client.get("/metrics").content.decode()
        assert "made/up" not in text
        assert "MADEUP" not in text
        assert scrape("pickeez_http_requests_total", route="unmatched", method="GET", status="404") >= 3
        assert scrape("pickeez_http_requests_total", route="/ping", method="OTHER") >= 3

    def test_a_signed_path_is_no_label(self, client: Client, nobody: Caller) -> None:
        nobody.get("/i/very-secret-signed-thing")
        nobody.get("/media/0198d9e2-5f52-7cc1-a1e3-000000000001/small/1-ABCDEFGHIJKLMNOPQRSTUVWX.jpg")
        text = client.get("/metrics").content.decode()
        assert "very-secret" not in text
        assert "ABCDEFGH" not in text
        assert 'route="media"' in text


@pytest.mark.django_db(transaction=True)
class TestState:
    def test_originals_are_told_by_state_with_the_age_of_the_oldest(
        self, scrape: Callable[..., float], owner: Person
    ) -> None:
        for number, status in enumerate(["ready", "ready", "ready", "failed", "new", "new", "processing"]):
            Original.objects.create(owner=owner.user, key=f"k/{number}", status=status)
        Original.objects.filter(status="new").update(waiting_since=timezone.now() - timedelta(hours=1))
        Original.objects.filter(status="ready").update(waiting_since=timezone.now() - timedelta(days=1))
        found = {status: scrape("pickeez_originals", state=status) for status in Original.Status.values}
        assert found == {"new": 2, "processing": 1, "ready": 3, "failed": 1}
        assert 3600 <= scrape("pickeez_oldest_unfinished_original_seconds") < 3700

    def test_so_are_waiting_albums_messages_and_files(self, scrape: Callable[..., float], album: Album) -> None:
        PendingAlbum.objects.update_or_create(
            album=album, defaults={"touched_at": timezone.now() - timedelta(minutes=5)}
        )
        Message.objects.all().delete()
        for sent in (None, None, timezone.now()):
            Message.objects.create(channel="sms", phone="12025550111", body="x", sent_at=sent)
        FileToRemove.objects.create(key="a")
        assert scrape("pickeez_pending_albums") == 1
        assert 300 <= scrape("pickeez_oldest_pending_album_seconds") < 400
        assert scrape("pickeez_messages_waiting") == 2
        assert scrape("pickeez_files_to_remove") == 1

    def test_however_much_there_is_six_queries_tell(self, owner: Person) -> None:
        for number in range(30):
            Original.objects.create(owner=owner.user, key=f"k/{number}", status=Original.Status.values[number % 4])
        with CaptureQueriesContext(connection) as queries:
            read_backlog()
        assert len(queries) == 6

    def test_who_asks_again_at_once_costs_no_query(self, scrape: Callable[..., float], owner: Person) -> None:
        scrape("pickeez_originals")
        Original.objects.create(owner=owner.user, key="k/1")
        assert scrape("pickeez_originals") == 0
        gauges.cached_backlog.clear()
        assert scrape("pickeez_originals") == 1

    def test_without_the_database_the_rest_is_told(
        self, scrape: Callable[..., float], nobody: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away() -> None:
            raise OSError("no route to 10.9.8.7")

        monkeypatch.setattr(gauges, "read_backlog", away)
        nobody.get("/ping")
        assert scrape("pickeez_up", what="database") == 0
        assert scrape("pickeez_up", what="broker") == 1
        assert scrape("pickeez_http_requests_total", route="/ping") > 0

    def test_without_the_broker_too(
        self, scrape: Callable[..., float], settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queues.app.conf, "broker_read_url", "redis://127.0.0.1:9/0")
        settings.CELERY_BROKER_URL = "redis://127.0.0.1:9/0"
        settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
        assert scrape("pickeez_up", what="broker") == 0
        assert scrape("pickeez_up", what="database") == 1


def test_what_waits_at_the_broker_is_told_by_queue(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {name: str(tmp_path) for name in ("data_folder_in", "data_folder_out", "control_folder")}
    settings.CELERY_BROKER_URL = settings.EMBEDDED_BROKER
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = options
    monkeypatch.setattr(queues.app.conf, "broker_url", settings.EMBEDDED_BROKER)
    name, *others = queues.app.amqp.queues
    with queues.app.connection_for_write(settings.EMBEDDED_BROKER, transport_options=options) as broker:
        for _ in range(3):
            broker.SimpleQueue(queues.app.amqp.queues[name]).put("{}")  # type: ignore[arg-type]  # a queue will do
    assert queues.queue_depths() == {name: 3, **dict.fromkeys(others, 0)}


@pytest.mark.django_db(transaction=True)
def test_each_stage_of_a_picture_and_each_task_is_timed(
    scrape: Callable[..., float],
    owner: Person,
    album: Album,
    make_picture: MakePicture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gauges, "read_backlog", gauges.Backlog)

    def count() -> list[float]:
        stages = ("read", "decode", "renditions", "store", "faces", "objects")
        return [scrape("pickeez_stage_seconds_count", stage=stage) for stage in stages]

    before, tasks = count(), scrape("pickeez_tasks_total", event="succeeded")
    owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)})
    original = Original.objects.get()
    assert original.status == Original.Status.READY
    assert set(original.stage_seconds) == {"read", "decode", "renditions", "store", "faces", "objects"}
    assert count() == [number + 1 for number in before]
    assert scrape("pickeez_tasks_total", event="succeeded") > tasks


class TestAccess:
    @pytest.fixture(autouse=True)
    def _nothing_behind(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gauges, "read_backlog", gauges.Backlog)

    def test_this_machine_may(self, client: Client) -> None:
        answer = client.get("/metrics")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"

    @pytest.mark.parametrize(
        ("host", "allowed"),
        [
            ("127.0.0.1:8000", True),
            ("[::1]:8000", True),
            ("localhost", True),
            ("photos.example", True),
            ("rebound.example:8000", False),
            ("127.0.0.1.rebound.example", False),
            ("", False),
        ],
    )
    def test_a_page_whose_name_was_pointed_at_this_machine_may_not(
        self, client: Client, settings: Settings, host: str, allowed: bool
    ) -> None:
        settings.METRICS_NETWORKS = [ip_network("203.0.113.0/24")]
        for names in (["photos.example"], ["photos.example", "*"]):
            settings.ALLOWED_HOSTS = names
            for address in ("127.0.0.1", "203.0.113.7"):
                answer = client.get("/metrics", headers={"host": host}, REMOTE_ADDR=address)
                assert answer.status_code == (200 if allowed else 404)

    @pytest.mark.parametrize("token", ["", "the-right-one"])
    def test_others_may_not(self, client: Client, settings: Settings, token: str) -> None:
        settings.METRICS_TOKEN = token
        for headers in (
            {},
            {"authorization": "Bearer "},
            {"authorization": "Bearer wrong"},
            {"authorization": token},
        ):
            answer = client.get("/metrics", headers=headers, REMOTE_ADDR="203.0.113.7")
            assert (answer.status_code, answer.json()) == (404, {"msg": "Not found."})

    def test_a_client_of_a_local_proxy_may_not(self, client: Client, settings: Settings) -> None:
        assert client.get("/metrics", headers={"x-forwarded-for": "203.0.113.7"}).status_code == 404
        settings.TRUSTED_PROXIES = [ip_network("127.0.0.0/8")]
        assert client.get("/metrics", headers={"x-forwarded-for": "203.0.113.7"}).status_code == 404

    def test_who_has_the_token_may(self, client: Client, settings: Settings) -> None:
        settings.METRICS_TOKEN = "the-right-one"
        headers = {"authorization": "Bearer the-right-one"}
        assert client.get("/metrics", headers=headers, REMOTE_ADDR="203.0.113.7").status_code == 200

    def test_a_network_may_be_let_in(self, client: Client, settings: Settings) -> None:
        settings.METRICS_NETWORKS = [ip_network("203.0.113.0/24")]
        assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 200
        assert client.get("/metrics", REMOTE_ADDR="203.0.114.7").status_code == 404
        passed_on = {"x-forwarded-for": "203.0.113.7"}
        assert client.get("/metrics", headers=passed_on, REMOTE_ADDR="198.51.100.1").status_code == 404
        assert client.get("/metrics", headers=passed_on, REMOTE_ADDR="203.0.113.9").status_code == 404


class TestSharing:
    """Several processes with the same DATA_DIR."""

    @pytest.fixture
    def count(self, tmp_path: Path) -> Callable[..., str]:
        def count(code: str = "") -> str:
            lines = f"""
                import os
                from pickeez_site.operations.observing import metric_files, metrics
                metrics.count_task("t", "started")
                {code}
                lines = metrics.render_metrics().decode().splitlines()
                print(metric_files.process_name(), *(line for line in lines if line.startswith("pickeez_tasks_total")))
            """
            program = "\n".join(line.strip() for line in lines.splitlines())
            environment = {
                "PATH": os.environ["PATH"],
                "DATA_DIR": str(tmp_path),
                "SECRET_KEY": "for-tests-only-" + "x" * 50,
            }
            environment["DJANGO_SETTINGS_MODULE"] = "pickeez_site.settings"
            run = [sys.executable, "-c", program]
            done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            return done.stdout

        return count

    def test_one_goes_on_where_another_has_ended(self, count: Callable[..., str], tmp_path: Path) -> None:
        assert 'event="started",task="t"} 1.0' in count()
        again = count()
        assert again.startswith("command-0")
        assert 'event="started",task="t"} 2.0' in again
        assert len(list((tmp_path / "metrics").glob("*.db"))) == 2

    def test_children_have_files_of_their_own_and_all_are_told(
        self, count: Callable[..., str], tmp_path: Path
    ) -> None:
        fork = 'if os.fork() == 0: metrics.count_task("t", "started"); os._exit(metric_files.process_name() != "command-1")\n'
        found = count(fork + "assert os.wait()[1] == 0")
        assert found.startswith("command-0")
        assert 'event="started",task="t"} 2.0' in found

    @pytest.mark.parametrize("content", [b"", b"\xff" * 5000, bytes(7)])
    def test_a_broken_file_is_begun_anew(self, count: Callable[..., str], tmp_path: Path, content: bytes) -> None:
        count()
        (tmp_path / "metrics/counter_command-0.db").write_bytes(content)
        assert 'event="started",task="t"} 1.0' in count()

    def test_a_disk_that_takes_nothing_stops_nobody(self, count: Callable[..., str], tmp_path: Path) -> None:
        (tmp_path / "metrics").write_text("in the way")
        assert count().startswith("nowhere")


def test_a_worker_may_serve_its_own(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[Any, ...]] = []
    start: Callable[..., object] = prometheus_client.exposition.start_wsgi_server
    monkeypatch.setattr(
        prometheus_client, "start_http_server", lambda *given: started.append((*given, start(*given)))
    )
    workers.serve_metrics()
    assert started == []  # without a port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.METRICS_PORT = probe.getsockname()[1]
    metrics.count_task("a-task-of-ours", "started")
    workers.serve_metrics()
    ((port, host, _, (server, thread)),) = started
    try:
        assert (port, host) == (settings.METRICS_PORT, "127.0.0.1")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            assert 'task="a-task-of-ours"' in answer.read().decode()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_metric_that_cannot_be_written_fails_no_request(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: str) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(metrics.REQUESTS, "labels", full)
    monkeypatch.setattr(metrics.REQUEST_SECONDS, "labels", full)
    assert client.get("/ping").status_code == 200
    assert metric_files.metric_files()


def test_the_library_still_keeps_its_numbers_as_we_expect(tmp_path: Path) -> None:
    """`keep_in_files` and `is_readable` rest on the inside of prometheus_client."""
    metrics.count_task("kept in a file", "started")
    kept = metric_files.metrics_dir() / f"counter_{metric_files.process_name()}.db"
    assert metric_files.claim_files()
    assert b"kept in a file" in kept.read_bytes()
    assert prometheus_internals.is_readable(kept)
    path = tmp_path / "counter_somebody.db"
    assert not prometheus_internals.is_readable(path)
    path.write_bytes(bytes(1024))
    assert prometheus_internals.is_readable(path)
    path.write_bytes(b"\x7f" * 1024)
    assert not prometheus_internals.is_readable(path)


def test_what_cannot_be_counted_is_told_once_a_minute(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: str) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(metrics, "_warned", CircuitBreaker(seconds=60))
    monkeypatch.setattr(metrics.TASKS, "labels", full)
    for _ in range(3):
        metrics.count_task("t", "started")
    assert [record.getMessage() for record in caplog.records] == ["A metric cannot be written."]
    assert "no space left" in caplog.text
