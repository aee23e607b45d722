"""The web server alone, on loopback, with small applications: what it takes, refuses, sends and drops."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from waitress import wasyncore

from pickeez_site.serving.web_server.channel import Application
from pickeez_site.serving.web_server.connections import ConnectionTable
from pickeez_site.serving.web_server.lanes import Lanes
from pickeez_site.serving.web_server.limits import WINDOW_SECONDS, Limits
from pickeez_site.serving.web_server.worker import check, make_server

Environ = dict[str, Any]
GET = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"


class Running:
    """A server whose loop runs in a thread. `later` adds seconds to the clock by which it judges connections."""

    def __init__(self, application: Application, limits: Limits, body_limit: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.channels: dict[int, Any] = {}
        self._lanes, self.connections = Lanes(), ConnectionTable(1).column(0)
        self.server = make_server(
            application, self._listener, self.channels, self._lanes, limits, self.connections
        )
        self.server.adj.body_limit = lambda method, path, content_type: body_limit
        self.later, self._rounds, self._ended = 0.0, 0, threading.Event()
        self._loop = threading.Thread(target=self._run)
        self._loop.start()

    def _run(self) -> None:
        while not self._ended.is_set():
            wasyncore.poll2(0.01, self.channels)
            check(self.channels, time.monotonic() + self.later)
            self._rounds += 1

    def settle(self) -> None:
        """Waits until the loop has seen what has come, and judged it."""
        rounds = self._rounds + 3
        wait_until(lambda: self._rounds >= rounds)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def ask(self, request: bytes) -> bytes:
        """What comes until the server closes the connection."""
        with self.connect() as client:
            client.sendall(request)
            return read_all(client)

    def stop(self) -> None:
        self._ended.set()
        self._loop.join()
        self._lanes.shutdown()
        wasyncore.close_all(self.channels)


Serve = Callable[..., Running]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(application: Application, *, body_limit: int = 100, **limits: int) -> Running:
            running = Running(application, Limits(**limits), body_limit)
            stack.callback(running.stop)
            return running

        yield start


def echo(environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answers with the path, the headers and the body."""
    body = environ["wsgi.input"].read().decode()
    headers = {name: value for name, value in environ.items() if name.startswith(("HTTP_", "CONTENT_"))}
    answer = json.dumps([environ["PATH_INFO"], headers, body]).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def read_all(client: socket.socket) -> bytes:
    """What comes until the server closes the connection."""
    return b"".join(iter(partial(client.recv, 64 * 1024), b""))


def read_answer(client: socket.socket) -> bytes:
    """One answer with a Content-Length, of a connection that stays open."""
    received = b""
    while True:
        head, end, body = received.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.partition(b"Content-Length: ")[2].split()[0]):
            return received
        piece = client.recv(64 * 1024)
        assert piece, received
        received += piece


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def body_of(answer: bytes) -> Any:
    return json.loads(answer.partition(b"\r\n\r\n")[2])


CLOSING = b"Host: x\r\nConnection: close\r\n"
WHOLE = {
    "HTTP/1.0": b"POST /a%20b?q HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi",
    "HTTP/1.1": b"POST /a%20b?q HTTP/1.1\r\n" + CLOSING + b"Content-Length: 2\r\n\r\nhi",
    "chunked": b"POST /a%20b?q HTTP/1.1\r\n" + CLOSING + b"Transfer-Encoding: Chunked\r\n\r\n"
    b'1;name="v"\r\nh\r\n1\r\ni\r\n0\r\nX-Trailer: y\r\n\r\n',
    "blank lines before": b"\r\n\r\nPOST /a%20b?q HTTP/1.1\r\n" + CLOSING + b"Content-Length: 2\r\n\r\nhi",
}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("size", [1, 1000])
def test_a_request_arrives_whole_in_whatever_pieces_it_comes(serve: Serve, name: str, size: int) -> None:
    running, request = serve(echo), WHOLE[name]
    with running.connect() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(request), size):
            client.sendall(request[start : start + size])
        path, headers, body = body_of(read_all(client))
    assert (path, body, headers["CONTENT_LENGTH"]) == ("/a b", "hi", "2")
    assert "HTTP_TRANSFER_ENCODING" not in headers


def heads(*lines: bytes, first: bytes = b"POST / HTTP/1.1", body: bytes = b"") -> bytes:
    return b"\r\n".join([first, b"Host: x", *lines, b"", b""]) + body


CHUNKED = b"Transfer-Encoding: chunked"
ODD = {
    "length and chunks": heads(b"Content-Length: 3", CHUNKED, body=b"0\r\n\r\n"),
    "two lengths": heads(b"Content-Length: 3", b"Content-Length: 3", body=b"abc"),
    "two hosts": heads(b"Host: y"),
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "a folded header": heads(b"X-A: 1", b" 2"),
    "a folded first header": b"GET / HTTP/1.1\r\n Host: x\r\n\r\n",
    "a space before the colon": heads(b"X-A : 1"),
    "a name with a blank": heads(b"X A: 1"),
    "no colon": heads(b"X-A"),
    "bare line feeds": b"GET / HTTP/1.1\nHost: x\n\n",
    "a bare line feed": heads(b"X-A: 1\nX-B: 2"),
    "a bare carriage return": heads(b"X-A: 1\rX-B: 2"),
    "a NUL in a value": heads(b"X-A: 1\x002"),
    "a control character in the path": b"GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a tab in the request line": b"GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "two blanks in the request line": b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
    "no version": b"GET /\r\nHost: x\r\n\r\n",
    "another version": b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
    "a small method": b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
    "an address that is none": b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    **{
        f"the length {length!r}": heads(b"Content-Length: " + length, body=b"abc")
        for length in (b"-1", b"+3", b"0x3", b"3,3", b"", b"1" * 19, b"9" * 5000, b"\xb3", b"3 3")
    },
    **{
        f"the chunk {chunk!r}": heads(CHUNKED, body=chunk)
        for chunk in (
            *(b"zz\r\n", b"-1\r\nx\r\n", b"0x1\r\na\r\n0\r\n\r\n", b"+1\r\na\r\n0\r\n\r\n", b"1\na\r\n0\r\n\r\n"),
            *(b"1 \r\na\r\n0\r\n\r\n", b"\r\n0\r\n\r\n", b"1\r\nab\r\n0\r\n\r\n", b"1\r\na\n0\r\n\r\n"),
            *(b"1;\n\r\na\r\n0\r\n\r\n", b"f" * 16 + b"\r\n", b"1" + b";" * 2000, b"0\r\nX: \n\r\n\r\n"),
            b"0\r\n" + b"X: y\r\n" * 2000,
        )
    },
}


@pytest.mark.parametrize("name", ODD)
def test_what_two_servers_may_read_differently_is_refused(serve: Serve, name: str) -> None:
    answer = serve(echo).ask(ODD[name] + GET % b"smuggled")
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert body_of(answer) == {"msg": "Bad Request."}  # alone: nothing after it was read as a request


@pytest.mark.parametrize("coding", [b"gzip", b"chunked, chunked", b"gzip, chunked", b"\x0bchunked", b"identity"])
def test_another_coding_of_the_body_is_not_known(serve: Serve, coding: bytes) -> None:
    answer = serve(echo).ask(heads(b"Transfer-Encoding: " + coding, body=b"0\r\n\r\n"))
    assert status_of(answer) in (400, 501)
    assert set(body_of(answer)) == {"msg"}


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /" + b"x" * 70_000, 414),
        (b"GET /" + b"x" * 900_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (heads(b"X-A: " + b"1" * 40_000), 431),
        (heads(*[b"X-A: 1"] * 101), 431),
        (b"GET / HTTP/1.1\r\n" + b"X-A: 1\r\n" * 100_000, 431),
    ],
)
def test_a_head_that_is_too_long_is_told_so(serve: Serve, request_: bytes, status: int) -> None:
    answer = serve(echo).ask(request_)
    assert status_of(answer) == status
    assert set(body_of(answer)) == {"msg"}
    assert len(answer) < 500


def test_bytes_that_are_not_ascii_are_part_of_the_address(serve: Serve) -> None:
    path, *_ = body_of(serve(echo).ask(b"GET /\xd7\x90 HTTP/1.1\r\n" + CLOSING + b"\r\n"))
    assert path.encode("latin-1") == b"/\xd7\x90"


def test_api_key_comes_in_alone_and_not_as_api_dash_key(serve: Serve) -> None:
    running = serve(echo)

    def key_of(*headers: bytes) -> str | None:
        request = heads(b"Connection: close", *headers, first=b"GET / HTTP/1.1")
        found: str | None = body_of(running.ask(request))[1].get("HTTP_API_KEY")
        return found

    assert key_of(b"api_key: k") == key_of(b"API_KEY:k") == "k"
    assert key_of(b"api-key: k") is None
    assert key_of(b"api_key: k", b"api-key: x") == "k, x"  # which is no key
    assert key_of(b"api-key: x", b"api_key: k") == "x, k"
    assert key_of(b"api__key: k", b"x_api_key: k", b"_api_key: k") is None


def test_a_body_over_the_limit_reaches_the_application_as_a_length_alone(serve: Serve) -> None:
    running = serve(echo)
    for request in (
        heads(b"Connection: close", b"Content-Length: 300", body=b"x" * 300),
        heads(b"Connection: close", CHUNKED, body=b"12c\r\n" + b"x" * 300 + b"\r\n0\r\n\r\n"),
    ):
        _, headers, body = body_of(running.ask(request))
        assert (headers["CONTENT_LENGTH"], body) == ("300", "")


@pytest.mark.parametrize("framing", [b"Content-Length: 900000", CHUNKED])
def test_of_a_refused_body_four_times_the_limit_is_read(serve: Serve, framing: bytes) -> None:
    start = b"dbba0\r\n" if framing == CHUNKED else b""
    answer = serve(echo).ask(heads(framing, body=start + b"x" * 500) + GET % b"smuggled")
    assert status_of(answer) == 200
    assert b"Connection: close" in answer
    assert answer.count(b"HTTP/1.1") == 1


def test_who_waits_for_a_word_before_the_body_gets_it_unless_the_body_is_refused(serve: Serve) -> None:
    running = serve(echo)
    with running.connect() as client:
        client.sendall(heads(b"Content-Length: 2", b"Expect: 100-continue"))
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"hi")
        assert b'"hi"' in read_answer(client)
        client.sendall(heads(b"Expect: 100-continue"))  # there is no body to wait for
        assert read_answer(client).startswith(b"HTTP/1.1 200 ")
        client.sendall(heads(b"Content-Length: 101", b"Expect: 100-continue"))
        answer = read_all(client)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"Connection: close" in answer


def test_answers_to_head_are_heads(serve: Serve) -> None:
    def stream(environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return iter([b"endless"])

    for application in (echo, stream):
        with serve(application).connect() as client:
            client.sendall(heads(b"Connection: close", first=b"HEAD / HTTP/1.1"))
            assert read_all(client).endswith(b"\r\n\r\n")


def test_a_file_is_sent_by_the_loop_and_closed(serve: Serve) -> None:
    content, files = bytes(range(256)) * 4000, []

    def send(environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        files.append(BytesIO(content))
        start_response("200 OK", [("Content-Length", str(len(content)))])
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](files[-1])
        return wrapped

    answer = serve(send).ask(heads(b"Connection: close", first=b"GET / HTTP/1.1"))
    assert answer.partition(b"\r\n\r\n")[2] == content
    assert files[0].closed


# --- Slow and absent clients -----------------------------------------------------------------------------------


def test_a_long_answer_to_a_slow_reader_leaves_its_thread_free(serve: Serve) -> None:
    done = threading.Event()

    def large(environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        start_response("200 OK", [])
        yield from [b"x" * 1_000_000] * 20
        done.set()

    with serve(large).connect() as client:
        client.sendall(GET % b"")
        assert done.wait(10)  # all is handed over, and nothing was read
        assert len(read_all(client)) > 20_000_000


def test_what_waits_for_a_thread_is_dropped_when_its_client_goes(serve: Serve) -> None:
    served, free = [], threading.Event()

    def slow(environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        served.append(environ["PATH_INFO"])
        free.wait(10)
        start_response("200 OK", [("Content-Length", "0")])
        return []

    running = serve(slow)
    with ExitStack() as stack:  # there is one heavy thread
        first, second, third = (stack.enter_context(running.connect()) for _ in range(3))
        for client, number in ((first, b"1"), (second, b"2"), (third, b"3")):
            client.sendall(GET % (b"albums/" + number))
            wait_until(lambda: len(served) == 1)
            running.settle()
        second.close()
        wait_until(lambda: running.connections.total == 2)
        free.set()
        assert status_of(read_answer(third)) == 200
    assert served == ["/albums/1", "/albums/3"]


def test_an_answer_ends_when_its_client_has_gone(serve: Serve) -> None:
    ended = threading.Event()

    def endless(environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        start_response("200 OK", [])
        try:
            while True:
                yield b"x" * 1000
        finally:
            ended.set()

    with serve(endless).connect() as client:
        client.sendall(GET % b"")
        client.recv(1000)
    assert ended.wait(10)


def test_a_head_that_does_not_end_is_cut_off(serve: Serve) -> None:
    running = serve(echo, head_seconds=20)
    with running.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        running.settle()
        running.later = 21
        client.sendall(b"X-A: 1\r\n")
        answer = read_all(client)
    assert status_of(answer) == 408
    assert body_of(answer) == {"msg": "The request came too slowly."}


@pytest.mark.parametrize("framing", [b"Content-Length: 90", CHUNKED])
def test_a_body_that_comes_too_slowly_is_cut_off(serve: Serve, framing: bytes) -> None:
    running = serve(echo, bytes_per_second=2)
    with running.connect() as client:
        client.sendall(heads(framing))
        running.settle()
        running.later = WINDOW_SECONDS + 1
        assert status_of(read_all(client)) == 408


def test_a_body_at_the_least_rate_goes_on(serve: Serve) -> None:
    running = serve(echo, bytes_per_second=2)
    with running.connect() as client:
        client.sendall(heads(b"Content-Length: 90"))
        running.settle()
        client.sendall(b"x" * 2 * WINDOW_SECONDS)
        running.settle()
        running.later = WINDOW_SECONDS + 1
        running.settle()
        client.sendall(b"x" * 30)
        assert status_of(read_answer(client)) == 200


def test_a_refused_body_that_does_not_end_is_answered_all_the_same(serve: Serve) -> None:
    running = serve(echo)
    with running.connect() as client:
        client.sendall(heads(b"Content-Length: 300", body=b"x"))
        running.settle()
        running.later = 31
        answer = read_all(client)
    assert status_of(answer) == 200  # what the application said; ours says 413
    assert b"Connection: close" in answer


def test_a_reader_that_reads_too_little_is_cut_off(serve: Serve) -> None:
    def large(environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "20000000")])
        return [b"x" * 20_000_000]

    running = serve(large)
    with running.connect() as client:
        client.sendall(GET % b"")
        client.recv(1)
        for _ in range(4):  # in the first spans, the system's buffers are filled
            running.settle()
            running.later += WINDOW_SECONDS + 1
        wait_until(lambda: running.connections.total == 0)


def test_an_idle_connection_is_closed(serve: Serve) -> None:
    running = serve(echo, idle_seconds=60)
    with running.connect() as client:
        client.sendall(GET % b"")
        assert status_of(read_answer(client)) == 200
        running.settle()
        running.later = 59
        running.settle()
        assert running.connections.total == 1
        running.later = 61
        assert client.recv(1) == b""


# --- Bounds ----------------------------------------------------------------------------------------------------


@contextmanager
def connected(running: Running, number: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        clients = [stack.enter_context(running.connect()) for _ in range(number)]
        wait_until(lambda: running.connections.total == number)
        yield clients


def test_an_address_has_so_many_connections(serve: Serve) -> None:
    running = serve(echo, connections_per_address=3)
    with connected(running, 3) as clients:
        with running.connect() as fourth:
            answer = read_all(fourth)
        assert status_of(answer) == 503
        assert b"Retry-After: 5" in answer
        assert body_of(answer) == {"msg": "The server is busy. Please try again later."}
        clients[0].close()
        wait_until(lambda: running.connections.total == 2)
        assert status_of(running.ask(heads(b"Connection: close"))) == 200


def test_trusted_proxies_have_no_such_bound(serve: Serve, settings: Any) -> None:
    from ipaddress import ip_network

    settings.TRUSTED_PROXIES = [ip_network("127.0.0.0/8")]
    running = serve(echo, connections_per_address=1)
    with connected(running, 5):
        assert status_of(running.ask(heads(b"Connection: close"))) == 200


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:1:2:3", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("2001:db8::1", "localhost", False),
    ],
)
def test_a_client_is_an_address_or_a_slash_64(one: str, other: str, same: bool) -> None:
    connections = ConnectionTable(1).column(0)
    connections.opened(one)
    assert connections.count(one) == 1
    assert connections.count(other) == int(same)
    connections.closed(one)
    assert connections.count(one) == 0


def test_connections_are_counted_over_all_processes_and_those_of_a_dead_one_forgotten() -> None:
    table = ConnectionTable(2)
    first, second = table.column(0), table.column(1)
    first.opened("192.0.2.1")
    second.opened("192.0.2.1")
    assert first.count("192.0.2.1") == second.count("192.0.2.1") == 2
    assert table.column(1).count("192.0.2.1") == 1  # the successor of a process that was killed
