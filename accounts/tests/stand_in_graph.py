"""A stand-in on loopback for the parts of Facebook's Graph API that sign users in and list their pictures."""

import json
import threading
from collections.abc import Iterable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from pytest_django import Settings

from core.tests.answers import Json

APP_ID, APP_SECRET = "4711", "the-secret-of-the-app"
CODE, TOKEN, FB_ID = "a-code-of-facebook", "EAA-a-token-of-facebook", "100200300"
DEAD = (400, {"error": {"message": "Error validating access token", "type": "OAuthException", "code": 190}})
NOT_ALLOWED = (403, {"error": {"message": "(#200) Requires user_photos permission", "code": 200}})
REPEATED = (400, {"error": {"message": "A parameter is given twice", "code": 100}})
HANG, DRIP = object(), object()


def me(**changes: Json) -> dict[str, Json]:
    picture = {"data": {"url": "https://scontent.fbcdn.net/me.jpg?oe=1", "width": 200, "height": 200}}
    return {"id": FB_ID, "name": "Facebook's Name", "email": "me@example.com", "picture": picture, **changes}


def debug(**changes: Json) -> dict[str, Json]:
    facts = {"app_id": APP_ID, "type": "USER", "is_valid": True, "expires_at": 0, "user_id": FB_ID, **changes}
    return {"data": facts}


class StandInGraph:
    """Responds to each path with what a test puts into `answers`, and collects the `requests`.

    An answer is an object (status 200), a tuple `(status, object or bytes)`, `HANG` or `DRIP` (a byte now and then,
    until the test ends), or a callable of the request's parameters. A request without the user's token is refused,
    as by the real one. A request is `(method, path, parameters)`.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.answers: dict[str, Json] = {
            "/oauth/access_token": self._exchange,
            "/debug_token": self._debug,
            "/me": me(),
        }
        self.closing = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def set_up(self, settings: Settings) -> None:
        settings.FACEBOOK_APP_ID, settings.FACEBOOK_APP_SECRET = APP_ID, APP_SECRET
        settings.FACEBOOK_GRAPH_URL = self.url
        settings.PUBLIC_URL = "http://testserver"

    def requests_to(self, path: str) -> list[dict[str, str]]:
        return [params for _, requested, params in self.requests if requested == path]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _exchange(self, params: dict[str, str]) -> Json:
        good = {"code": CODE, "client_id": APP_ID, "client_secret": APP_SECRET}
        if good.items() <= params.items() and params.get("redirect_uri") == "http://testserver/fb_enter":
            return {"access_token": TOKEN, "token_type": "bearer", "expires_in": 5_184_000}
        return 400, {"error": {"message": f"bad {params}", "type": "OAuthException", "code": 100}}

    def _debug(self, params: dict[str, str]) -> Json:
        if params.get("access_token") != f"{APP_ID}|{APP_SECRET}":
            return DEAD
        return debug() if params.get("input_token") == TOKEN else debug(is_valid=False)

    def answer(self, path: str, params: dict[str, str]) -> Json:
        answer = self.answers.get(path, (404, {"error": {"message": "Unknown path", "code": 2500}}))
        if path not in ("/oauth/access_token", "/debug_token") and params.get("access_token") != TOKEN:
            answer = DEAD
        return answer(params) if callable(answer) else answer


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # joined when it closes: no test leaves one behind

    def __init__(self, stand_in: StandInGraph) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stand_in = stand_in


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        form = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        pairs = parse_qsl(url.query) + parse_qsl(form)
        params = dict(pairs)
        stand_in = self.server.stand_in
        stand_in.requests.append((self.command, url.path, params))
        answer = stand_in.answer(url.path, params) if len(params) == len(pairs) else REPEATED
        self.close_connection = True
        if answer is HANG:
            stand_in.closing.wait()
        elif answer is DRIP:
            self._drip(stand_in.closing)
        else:
            self._respond(*(answer if isinstance(answer, tuple) else (200, answer)))

    def do_POST(self) -> None:
        self.do_GET()

    def _respond(
        self,
        status: int,
        body: Json,
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

    def _drip(self, closing: threading.Event) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):  # the client may have closed the connection
            while not closing.wait(0.1):
                self.wfile.write(b" ")

    def log_message(self, *args: object) -> None:
        pass
