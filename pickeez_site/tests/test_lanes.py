"""Which requests share threads, whose turn it is, and what happens to too many."""

from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import get_resolver

from pickeez_site.serving.web_server import lanes
from pickeez_site.serving.web_server.lanes import FairQueue, Lane, Lanes, SmallAnswers, lane_of
from pickeez_site.serving.web_server.parser import Options, Parser

ID = "01a22f4b-9e69-70b2-aa85-227da0e6ba77"


def request(line: str, *headers: str, body: int = 0) -> Parser:
    options = Options()
    options.body_limit = lambda method, path, content_type: body
    parser = Parser(options)
    length = [f"Content-Length: {body}"] if body else []
    parser.received("\r\n".join([f"{line} HTTP/1.1", "Host: x", *headers, *length, "", ""]).encode())
    parser.received(b"x" * body)
    assert parser.completed
    assert not parser.error
    return parser


@pytest.mark.parametrize(
    ("line", "lane"),
    [
        ("GET /ping", Lane.PROBE),
        ("HEAD /healthz/", Lane.PROBE),
        ("GET /metrics", Lane.PROBE),
        ("GET /me", Lane.QUICK),
        ("POST /albums/create", Lane.QUICK),
        (f"POST /albums/{ID}", Lane.QUICK),
        (f"GET /albums/{ID}", Lane.HEAVY),
        ("GET /albums/mine", Lane.HEAVY),
        ("GET /images/all-images?x=1", Lane.HEAVY),
        (f"GET /v1/Group/{ID}/Photo", Lane.HEAVY),
        (f"GET /group/{ID}/photo/", Lane.HEAVY),
        ("GET /gallery/", Lane.HEAVY),
        (f"GET /gallery/albums/{ID}/", Lane.HEAVY),
        (f"GET /gallery/albums/{ID}/people/{ID}/", Lane.HEAVY),
        (f"GET /gallery/albums/{ID}/photos/{ID}/", Lane.QUICK),
        (f"GET /media/{ID}/watermark/1-x.jpg", Lane.QUICK),
        ("POST /me/selfie", Lane.SLOW),
        ("PUT /uploads/abc", Lane.SLOW),
        (f"PATCH /gallery/albums/{ID}/uploads/{ID}/", Lane.SLOW),
        ("GET /fb_enter?code=1", Lane.SLOW),
        ("GET /admin/", Lane.SLOW),
        ("POST /admin/login/", Lane.PASSWORD),
        (f"POST /admin/accounts/user/{ID}/password/", Lane.PASSWORD),
        ("POST /albums/algo/get_pending", Lane.HEAVY),
        ("GET /api/schema/", Lane.HEAVY),
    ],
)
def test_a_request_has_the_lane_of_its_path(line: str, lane: Lane) -> None:
    assert lane_of(request(line)) is lane


def test_a_large_body_makes_a_request_slow() -> None:
    assert lane_of(request("POST /set_fields", body=1000)) is Lane.QUICK
    with closing(request("POST /set_fields", body=lanes.LARGE_BODY + 1)) as large:
        assert lane_of(large) is Lane.SLOW


@pytest.mark.parametrize(
    "path", ["/ping", "/albums/mine", "/me/selfie", "/uploads/x", "/admin/login/", "/images/all-images"]
)
def test_the_table_names_paths_that_there_are(path: str) -> None:
    assert get_resolver().resolve(path)


def channel(line: str, client: str = "192.0.2.1", *headers: str) -> Any:
    return SimpleNamespace(requests=[request(line, *headers)], addr=(client, 1))


def test_clients_take_turns() -> None:
    queue = FairQueue()
    waiting = [channel("GET /a", "192.0.2.1") for _ in range(3)]
    waiting += [channel("GET /b", "192.0.2.2"), channel("GET /c", "192.0.2.1", "Authorization: Bearer x")]
    for each in waiting:
        queue.append(each)
    order = [waiting.index(queue.popleft()) for _ in range(len(queue))]
    assert order == [0, 3, 4, 1, 2]
    assert len(queue) == 0


def test_a_small_answer_is_remembered_for_its_caller_alone() -> None:
    small = SmallAnswers()
    mine = request("GET /albums/mine", "Authorization: Bearer x")
    small.note(mine, 0.01)
    assert request("GET /albums/mine", "Authorization: Bearer x") in small
    assert request("GET /albums/mine", "Authorization: Bearer y") not in small
    assert request("GET /albums/mine?page=2", "Authorization: Bearer x") not in small
    small.note(mine, 1.0)  # it has grown
    assert mine not in small


def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "MAX_REMEMBERED", 2)
    small = SmallAnswers()
    requests = [request(f"GET /albums/{number}") for number in range(3)]
    for each in requests:
        small.note(each, 0.01)
    assert [each in small for each in requests] == [False, True, True]


def test_too_many_that_wait_are_told_to_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "MAX_WAITING", 2)
    monkeypatch.setattr(lanes.LaneThreads, "set_thread_count", lambda self, count: None)  # nobody works
    all_lanes = Lanes()
    channels = [channel("GET /albums/mine") for _ in range(3)]
    for each in channels:
        all_lanes.add_task(each)
    refused = [each.requests[0].error for each in channels]
    assert refused[:2] == [None, None]
    assert refused[2].code == 503
    all_lanes.add_task(probe := channel("GET /ping"))
    assert probe.requests[0].error is None
