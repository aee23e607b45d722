import http.client
import io
import json
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from core.tests.presence import present
from pickeez_site.serving.body_limit import (
    FORM_OVERHEAD,
    BodyLimitMiddleware,
    limit_for,
    too_large_response,
)

LIMIT, PHOTO_LIMIT = 100_000, 1_000_000
# What answers a request.
View = Callable[[HttpRequest], HttpResponse]

WORKER = "pickeez_site.serving.web_server.worker.WebWorker"
JSON, FORM = "application/json", "multipart/form-data; boundary=b"


@pytest.fixture(autouse=True)
def limits(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE, settings.MAX_PHOTO_BYTES = LIMIT, PHOTO_LIMIT


def make_request(body: bytes, content_type: str = JSON, **environ: Any) -> WSGIRequest:
    base = RequestFactory()._base_environ(REQUEST_METHOD="POST", CONTENT_TYPE=content_type)  # type: ignore[attr-defined]
    return WSGIRequest({**base, "wsgi.input": io.BytesIO(body), **environ})


def with_length(body: bytes, length: int | str, content_type: str = JSON) -> WSGIRequest:
    return make_request(body, content_type, CONTENT_LENGTH=str(length))


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.body)


def serve(request: WSGIRequest, view: View = echo) -> HttpResponse:
    return BodyLimitMiddleware(view)(request)


def never(request: HttpRequest) -> NoReturn:
    pytest.fail("The view was called.")


def test_a_body_of_just_the_limit_passes() -> None:
    response = serve(with_length(b"x" * LIMIT, LIMIT))
    assert (response.status_code, len(response.content)) == (200, LIMIT)


def test_a_larger_body_is_refused_with_its_limit() -> None:
    response = serve(with_length(b"", LIMIT + 1), never)
    assert response.status_code == 413
    assert json.loads(response.content) == {"msg": f"The body is larger than {LIMIT} bytes."}


def test_a_photo_in_a_form_may_be_larger_than_a_document() -> None:
    limit = PHOTO_LIMIT + FORM_OVERHEAD
    assert limit_for(with_length(b"", 0, FORM)) == limit
    assert serve(with_length(b"", limit, FORM), lambda _: HttpResponse()).status_code == 200
    assert serve(with_length(b"", limit + 1, FORM), never).status_code == 413


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "image/jpeg", "multipart/mixed; boundary=b"],
)
def test_every_other_type_is_limited_as_a_document(content_type: str) -> None:
    assert limit_for(with_length(b"", 0, content_type)) == LIMIT


@pytest.mark.parametrize(
    "length", ["-1", "+5", "5_0", "0x10", "five", "1.5", " 7", "1,1", "٣", "9" * 19, "9" * 5000]
)
def test_a_length_that_is_no_number_of_bytes_is_a_bad_request(length: str) -> None:
    assert serve(with_length(b"hello", length), never).status_code == 400


@pytest.mark.parametrize("length", ["", "0"])
def test_a_request_without_a_body_passes(length: str) -> None:
    assert serve(with_length(b"", length)).content == b""


def test_a_server_that_cannot_tell_where_a_body_ends_wants_its_length() -> None:
    request = make_request(b"x", HTTP_TRANSFER_ENCODING="chunked")
    assert serve(request, never).status_code == 411


def test_a_form_whose_text_is_too_large_for_the_parser_is_refused_the_same_way() -> None:
    request = with_length(b"", 0, FORM)
    middleware = BodyLimitMiddleware(never)
    answer = present(middleware.process_exception(request, RequestDataTooBig()))
    assert answer.content == too_large_response(request, LIMIT).content
    assert middleware.process_exception(request, ValueError()) is None


# --- A real server ---------------------------------------------------------------------------------------------

APPLICATION = f"""
from django.conf import settings
from pickeez_site.serving.web_server.limits import Limits
settings.configure(
    ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="x", LOGGING_CONFIG=None,
    MIDDLEWARE=["pickeez_site.serving.body_limit.BodyLimitMiddleware"],
    DATA_UPLOAD_MAX_MEMORY_SIZE={LIMIT}, MAX_PHOTO_BYTES={PHOTO_LIMIT}, TRUSTED_PROXIES=[], WEB_LIMITS=Limits(),
)
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
urlpatterns = [path("", lambda request: HttpResponse(str(len(request.body))))]
application = get_wsgi_application()
"""


@contextmanager
def tiny_server(directory: Path) -> Iterator[int]:
    """Runs our worker with a tiny application on loopback, and yields its port."""
    (directory / "tiny_wsgi.py").write_text(textwrap.dedent(APPLICATION))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        options = [f"--worker-class={WORKER}", f"--bind=fd://{listener.fileno()}", "--log-level=error",
                   "--no-control-socket", f"--worker-tmp-dir={directory}"]  # fmt: skip
        root = Path(__file__).parents[2]
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            *options,
            f"--pythonpath={directory},{root}",
            "tiny_wsgi",
        ]
        server = subprocess.Popen(command, cwd=directory, pass_fds=[listener.fileno()])
        try:
            yield listener.getsockname()[1]
        finally:
            server.terminate()
            server.wait(10)


def post(connection: http.client.HTTPConnection, body: bytes | Iterator[bytes], **kwargs: bool) -> tuple[int, str]:
    """Sends a POST and returns the status and text of the answer."""
    connection.request("POST", "/", body, {"Content-Type": JSON}, **kwargs)
    response = connection.getresponse()
    return response.status, response.read().decode()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with tiny_server(tmp_path_factory.mktemp("server")) as port:
        yield port


@pytest.fixture
def connection(port: int) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    yield connection
    connection.close()


pieces = [b"x" * 1000] * (LIMIT // 1000)


@pytest.mark.stack
def test_a_client_that_sends_everything_first_reads_the_answer_and_may_go_on(
    connection: http.client.HTTPConnection,
) -> None:
    assert post(connection, b"x" * LIMIT * 4)[0] == 413
    assert post(connection, iter(pieces * 3), encode_chunked=True)[0] == 413
    assert post(connection, iter(pieces), encode_chunked=True) == (200, str(LIMIT))
    assert post(connection, b"x" * LIMIT) == (200, str(LIMIT))


@pytest.mark.stack
@pytest.mark.parametrize("header", ["Content-Length: 900000000", "Transfer-Encoding: chunked"])
def test_a_connection_with_much_of_a_refused_body_left_is_closed(port: int, header: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(f"POST / HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n".encode())
        if "chunked" in header:
            client.sendall(b"%x\r\n" % 900_000_000)
        client.sendall(b"x" * LIMIT * 5)
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.stack
def test_a_malformed_chunk_is_a_bad_request_and_closes(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        assert client.makefile("rb").read().startswith(b"HTTP/1.1 400 ")
