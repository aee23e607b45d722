"""The web server as it is shipped: how long a request line may be, and its own errors as JSON."""

import json
import socket
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import gunicorn.http.message
import gunicorn.util
import gunicorn.workers.base
import pytest
import requests
from gunicorn.config import Config
from gunicorn.http import RequestParser
from gunicorn.http.errors import LimitRequestLine

from pickeez_site.serving.http_server import MAX_REQUEST_LINE, adapt_gunicorn, write_error
from pickeez_site.tests.stack import Stack

SLACK = len("GET /?x= HTTP/1.1")


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> Config:
    """The limit of the shipped server. Gunicorn itself is restored after the test."""
    monkeypatch.setattr(gunicorn.http.message, "MAX_REQUEST_LINE", gunicorn.http.message.MAX_REQUEST_LINE)
    monkeypatch.setattr(gunicorn.util, "write_error", gunicorn.util.write_error)
    adapt_gunicorn()
    config = Config()
    config.set("limit_request_line", MAX_REQUEST_LINE)
    return config


def parse(config: Config, length: int) -> str:
    """The query that gunicorn reads from a request line of this length."""
    line = b"GET /?x=" + b"1" * (length - SLACK) + b" HTTP/1.1\r\n"
    request = next(RequestParser(config, iter([line + b"Host: x\r\n\r\n"]), ("127.0.0.1", 1)))
    return str(request.query)


def test_gunicorn_still_takes_its_longest_request_line_from_the_name_that_we_change(config: Config) -> None:
    assert len(parse(config, MAX_REQUEST_LINE)) == MAX_REQUEST_LINE - SLACK + len("x=")
    with pytest.raises(LimitRequestLine):
        parse(config, MAX_REQUEST_LINE + 1)


def test_gunicorn_still_answers_what_it_refuses_by_the_function_that_we_replace(config: Config) -> None:
    assert gunicorn.util.write_error is write_error
    assert "util.write_error(client, status_int, reason, mesg)" in Path(gunicorn.workers.base.__file__).read_text()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (414, "The request line is longer than 65536 bytes."),
        (431, "The headers are too large."),
        (400, "Bad Request."),
        (500, "Server error."),
    ],
)
def test_an_error_is_json_in_our_words_and_repeats_nothing(status: int, words: str) -> None:
    server, client = socket.socketpair()
    with server, client:
        writing = Thread(target=write_error, args=(server, status, HTTPStatus(status).phrase, "<secret>"))
        writing.start()
        client.sendall(b"x" * 300_000)  # the rest of the request, which nobody wants any more
        client.shutdown(socket.SHUT_WR)
        head, _, body = client.recv(10_000).partition(b"\r\n\r\n")
        writing.join(5)
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body) == {"msg": words}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("server")).running("web") as stack:
        yield stack


@pytest.mark.stack
def test_a_whole_phone_book_fits_into_a_query_string(stack: Stack) -> None:
    token = stack.manage("create_token", "--phone", "+972522934321").split()[-1]
    numbers = [f"+972 52-293-{number}" for number in range(4000, 5000)]
    query = "&".join(f"phones%5B%5D={quote(number)}" for number in numbers)
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{stack.url}/users/which_phones_registered"
    answer = requests.get(f"{url}?{query}", headers=headers, timeout=30)
    assert answer.status_code == 200
    assert [number for number, user in answer.json().items() if user] == ["+972 52-293-4321"]
    assert len(answer.json()) == 1000


@pytest.mark.stack
@pytest.mark.parametrize("length", [70_000, 900_000])
def test_a_longer_request_line_is_refused_in_json(stack: Stack, length: int) -> None:
    answer = requests.get(f"{stack.url}/me?x={'1' * length}", timeout=30)
    assert (answer.status_code, answer.headers["Content-Type"]) == (414, "application/json")
    assert answer.json() == {"msg": "The request line is longer than 65536 bytes."}
