"""The logs in both forms: what they contain, and what they never contain."""

import io
import json
import logging
import logging.config
import subprocess
from collections.abc import Callable, Iterator
from functools import wraps
from ipaddress import ip_network

import pytest
from celery import Task, shared_task
from celery.app.trace import build_tracer
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.request import Request

from accounts.tests.sent_codes import last_code
from accounts.tests.test_secrets_at_rest import found_in
from albums.models import Album
from conftest import Caller, MakePicture, Person
from core.tests.answers import Json
from pickeez_site.dialects.pickeez.service import PingViewSet
from pickeez_site.operations.observing import context, workers
from pickeez_site.operations.observing.logs import SecurityInOneLine, configuration
from pickeez_site.operations.observing.scrubbing import scrub
from pickeez_site.serving.media import media_path
from pickeez_site.tests.test_settings import start  # noqa: F401 - a fixture

PROXY = "10.0.0.1"


class LogOutput:
    def __init__(self, form: str) -> None:
        self.stream = io.StringIO()
        settings = configuration(form, "DEBUG")
        # A handler as configured, but beside those of pytest instead of in their place.
        configurator = logging.config.DictConfigurator(settings)
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(configurator.configure_formatter(settings["formatters"][form]))
        for name in settings["handlers"]["console"]["filters"]:
            self.handler.addFilter(configurator.configure_filter(settings["filters"][name]))

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def lines(self, logger: str = "") -> list[dict[str, Json]]:
        found = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in found if line["logger"].startswith(logger)]


@pytest.fixture
def logs() -> dict[str, LogOutput]:
    """The output of the configured handlers, by form."""
    return {form: LogOutput(form) for form in ("json", "text")}


@pytest.fixture(autouse=True)
def _listening(logs: dict[str, LogOutput]) -> Iterator[None]:
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    for written in logs.values():
        root.addHandler(written.handler)
    yield
    root.setLevel(level)
    for written in logs.values():
        root.removeHandler(written.handler)


class TestRequests:
    def test_each_leaves_one_line_of_json(self, logs: dict[str, LogOutput], owner: Person, album: Album) -> None:
        answer = owner.get(f"/albums/{album.pk}?limit=3")
        (line,) = logs["json"].lines("pickeez.access")
        assert line["level"] == "INFO"
        assert (line["method"], line["status"], line["user_id"]) == ("GET", 200, owner.id)
        assert (line["path"], line["route"]) == (f"/albums/{album.pk}", "/albums/<str:album_id>")
        assert (line["bytes"], line["request_id"]) == (len(answer.content), answer["X-Request-ID"])
        assert line["milliseconds"] > 0
        assert line["time"].endswith("+00:00")
        assert line["role"] == "command"

    def test_and_one_of_text(self, logs: dict[str, LogOutput], owner: Person, album: Album) -> None:
        answer = owner.get(f"/albums/{album.pk}?limit=3")
        (line,) = [line for line in logs["text"].text.splitlines() if "pickeez.access" in line]
        assert f"[{answer['X-Request-ID']}] GET /albums/{album.pk} 200 " in line
        assert line.endswith(f"user {owner.id}")

    def test_a_refused_one_too_and_django_does_not_say_it_again(
        self, logs: dict[str, LogOutput], nobody: Caller, db: None
    ) -> None:
        nobody.get("/me")
        assert [line["logger"] for line in logs["json"].lines()] == ["pickeez.access"]
        assert logs["json"].lines()[0]["status"] == 401

    def test_an_error_is_told_with_the_request_it_happened_in(
        self, logs: dict[str, LogOutput], nobody: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        @wraps(PingViewSet.ping)
        def broken(*_args: PingViewSet | Request, **_kwargs: object) -> None:
            raise RuntimeError("postgres://somebody:hunter22@db/photos?password=hunter22")

        monkeypatch.setattr("pickeez_site.dialects.pickeez.service.PingViewSet.ping", broken)
        nobody.client.raise_request_exception = False
        answer = nobody.get("/ping")
        error = next(line for line in logs["json"].lines() if line["level"] == "ERROR")
        assert error["request_id"] == answer["X-Request-ID"]
        assert "RuntimeError" in error["exc_info"]
        assert "hunter22" not in logs["json"].text + logs["text"].text

    def test_probes_leave_none(self, logs: dict[str, LogOutput], client: Client) -> None:
        client.get("/healthz")
        assert logs["json"].lines("pickeez.access") == []

    def test_who_nobody_asked_for_is_not_looked_up(
        self, client: Client, owner: Person, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        client.force_login(owner.user)
        with django_assert_num_queries(0):
            client.get("/ping")

    def test_a_made_up_path_makes_no_second_line(self, logs: dict[str, LogOutput], nobody: Caller) -> None:
        nobody.get("/a%0a2026-11-22 00:00:00 INFO web pickeez.access forged")
        assert len(logs["json"].lines("pickeez.access")) == 1
        assert "\nforged" not in logs["text"].text
        assert "%0A" in logs["text"].text or "***" in logs["text"].text


class TestIds:
    def test_each_request_has_its_own(self, nobody: Caller) -> None:
        assert nobody.get("/ping")["X-Request-ID"] != nobody.get("/ping")["X-Request-ID"]
        assert context.request_id.get() == ""

    def test_a_trusted_proxys_is_kept(self, client: Client, settings: Settings) -> None:
        settings.TRUSTED_PROXIES = [ip_network(PROXY)]
        headers = {"x-request-id": "from-the-proxy_1", "x-forwarded-for": "203.0.113.7"}
        assert client.get("/ping", headers=headers, REMOTE_ADDR=PROXY)["X-Request-ID"] == "from-the-proxy_1"

    @pytest.mark.parametrize("given", ["short", "x" * 65, "with blanks in it", 'quo"ted-or-not', "new\tline-here"])
    def test_but_not_one_of_another_form(self, client: Client, settings: Settings, given: str) -> None:
        settings.TRUSTED_PROXIES = [ip_network(PROXY)]
        headers = {"x-request-id": given, "x-forwarded-for": "203.0.113.7"}
        assert client.get("/ping", headers=headers, REMOTE_ADDR=PROXY)["X-Request-ID"] != given

    def test_nor_one_of_a_client(self, client: Client) -> None:
        assert client.get("/ping", headers={"x-request-id": "from-a-client"})["X-Request-ID"] != "from-a-client"

    def test_a_task_carries_the_one_of_its_request(self) -> None:
        headers: dict[str, Json] = {}
        reset = context.request_id.set("the-request")
        workers.pass_request_id(headers=headers)
        context.request_id.reset(reset)
        assert headers == {"request_id": "the-request"}


class TestTasks:
    @pytest.fixture
    def run(self) -> Callable[..., None]:
        """Runs a task as the worker does, with the headers of its message."""

        def run(task: Task, **headers: str) -> None:
            trace: Callable[..., object] = build_tracer(task.name, task, app=task.app)
            trace("the-task", (), {}, {"id": "the-task", "delivery_info": {}, **headers})

        return run

    def test_each_leaves_one_line_and_all_it_says_has_both_ids(
        self, logs: dict[str, LogOutput], run: Callable[..., None]
    ) -> None:
        run(succeeding_task, request_id="the-request")
        said, ended = logs["json"].lines("pickeez.")
        assert {(line["request_id"], line["task_id"]) for line in (said, ended)} == {("the-request", "the-task")}
        assert (ended["task"], ended["outcome"], ended["level"]) == (succeeding_task.name, "succeeded", "INFO")
        assert 0 <= ended["seconds"] < 5
        assert (context.request_id.get(), context.task_id.get()) == ("", "")

    def test_one_that_fails_says_so(self, logs: dict[str, LogOutput], run: Callable[..., None]) -> None:
        run(failing_task)
        assert logs["json"].lines("pickeez.tasks")[0]["outcome"] == "failed"
        assert "hunter22" not in logs["json"].text + logs["text"].text

    def test_what_runs_every_few_seconds_is_for_who_looks_closely(
        self, logs: dict[str, LogOutput], run: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(workers, "PERIODIC", {succeeding_task.name, failing_task.name})
        run(succeeding_task)
        run(failing_task)
        assert [line["level"] for line in logs["json"].lines("pickeez.tasks")] == ["DEBUG", "INFO"]


@shared_task
def succeeding_task() -> None:
    logging.getLogger("pickeez.example").info("on it")


@shared_task
def failing_task() -> None:
    raise RuntimeError("amqp://somebody:hunter22@broker/")


class TestSecrets:
    def test_no_line_holds_a_token_code_or_phone(
        self, logs: dict[str, LogOutput], nobody: Caller, sms: list[dict[str, Json]], db: None
    ) -> None:
        phone = "12025550144"
        nobody.post("/login/phone", {"phone": phone})
        secrets = {"code": last_code(sms), "phone": phone}
        nobody.get(f"/login/phone/{phone}/{secrets['code']}")
        nobody.post(f"/login/phone/confirm?phone={phone}&code=271828")
        answer = nobody.post("/login/phone/confirm", {"phone": phone, "code": secrets["code"]}).json()
        secrets["token"] = answer["token"]
        for path in ("/me", "/albums/mine", "/nothing", "/albums/x"):
            nobody.get(path, {"token": secrets["token"], "phone": phone})
            nobody.client.get(path, headers={"authorization": f"Bearer {secrets['token']}"})
        nobody.get(f"/albums/token/{secrets['token']}")
        assert len(logs["json"].lines("pickeez.access")) == 13
        assert found_in(logs["json"].text + logs["text"].text, secrets) == []

    def test_no_line_holds_a_signed_path(
        self, logs: dict[str, LogOutput], owner: Person, album: Album, make_picture: MakePicture, nobody: Caller
    ) -> None:
        owner.post("/photos/", {"album_id": album.pk, "file": make_picture()})
        path = media_path(album.photos.get(), "small")
        nobody.get(path).close()
        assert nobody.get(path.replace("small", "medium")).status_code == 404
        nobody.get(path + "/more")
        signature = path.rpartition("/")[2].partition("-")[2].removesuffix(".jpg")
        assert signature not in logs["json"].text + logs["text"].text
        assert "***.jpg" in logs["text"].text

    @pytest.mark.parametrize("path", ["/i/{}", "/uploads/{}", "/nowhere/{}", "/albums/mine/{}"])
    def test_nor_any_other_part_that_opens_something(
        self, logs: dict[str, LogOutput], nobody: Caller, db: None, path: str
    ) -> None:
        nobody.get(path.format("c2VjcmV0:1tXXXX:very-secret"))
        assert "very-secret" not in logs["json"].text + logs["text"].text

    @pytest.mark.parametrize(
        "text",
        [
            "Authorization: Bearer SECRET123",
            "{'Authorization': 'Bearer SECRET123'}",
            "GET /me?a=b&token=SECRET123&c=d",
            '{"token": "SECRET123"}',
            r"{\"access_token\": \"SECRET123\"}",
            "password=SECRET123, host=here",
            "postgres://somebody:SECRET123@db:5432/photos",
            "redis://:SECRET123@broker/0",
            "api_key=SECRET123",
            "code=SECRET123",
            "/media/0198d9e2-5f52-7cc1-a1e3-000000000001/small/1790000000-SECRET123.jpg",
            "Not Found: /uploads/SECRET123:1tX:y",
            "https://bucket/key?X-Amz-Credential=a&X-Amz-Signature=SECRET123&x=y",
        ],
    )
    def test_the_last_net_catches(self, text: str) -> None:
        assert "SECRET123" not in scrub(text)
        assert "***" in scrub(text)
        assert scrub(scrub(text)) == scrub(text)

    @pytest.mark.parametrize(
        "text",
        [
            "The storage is away: original 0198d9e2-5f52-7cc1-a1e3-000000000001 waits.",
            "GET /albums/0198d9e2-5f52-7cc1-a1e3-000000000001 200 12.5 ms",
            "Message 12 was not sent (again later).",
            "http://127.0.0.1:8000/media",
            "the token was refused",
        ],
    )
    def test_and_nothing_else(self, text: str) -> None:
        assert scrub(text) == text

    def test_a_scrubbed_line_is_still_json(self, logs: dict[str, LogOutput]) -> None:
        logging.getLogger("x").warning(
            'said "token": "%s"\nand postgres://a:b@c/', "s3cr3t\\\"'", extra={"password": "pw1"}
        )
        (line,) = logs["json"].lines("x")
        assert line["password"] == "***"
        assert "postgres://a:***@c/" in line["message"]


class TestSettings:
    @pytest.mark.parametrize(
        ("name", "value"), [("LOG_FORMAT", "xml"), ("LOG_LEVEL", "loud"), ("METRICS_PORT", "x")]
    )
    def test_a_wrong_value_stops_the_start(
        self,
        start: Callable[..., subprocess.CompletedProcess[str]],  # noqa: F811 - the fixture
        name: str,
        value: str,
    ) -> None:
        assert f"The environment variable {name} must be" in start(**{name: value}).stderr

    def test_the_level_and_the_form_are_the_operators(
        self,
        start: Callable[..., subprocess.CompletedProcess[str]],  # noqa: F811
    ) -> None:
        printed = 'LOGGING["root"]["level"], settings.LOGGING["handlers"]["console"]["formatter"]'
        assert start(printed).stdout.split() == ["INFO", "text"]
        assert start(printed, LOG_LEVEL="ERROR", LOG_FORMAT="json").stdout.split() == ["ERROR", "json"]

    def test_celery_leaves_the_logs_to_us(self, monkeypatch: pytest.MonkeyPatch) -> None:
        configured: list[dict[str, Json]] = []
        monkeypatch.setattr(logging.config, "dictConfig", configured.append)
        workers.set_up_logging()
        assert configured[0]["root"]["handlers"] == ["console"]


def test_a_host_that_is_not_ours_is_one_line_without_a_trace(client: Client) -> None:
    handler = logging.StreamHandler(stream := io.StringIO())
    handler.addFilter(SecurityInOneLine())
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger = logging.getLogger("django.security")
    logger.addHandler(handler)
    try:
        answer = client.get("/ping", headers={"host": "scanner.example" + "x" * 2000})
    finally:
        logger.removeHandler(handler)
    assert answer.status_code == 400
    line = stream.getvalue()
    assert line.startswith("WARNING Invalid HTTP_HOST header: 'scanner.example")
    assert line.count("\n") == 1
    assert len(line) < 400
