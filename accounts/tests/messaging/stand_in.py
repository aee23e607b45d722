"""A message gateway on loopback whose responses a test sets."""

import json
import threading
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self, TypeAlias
from urllib.parse import parse_qsl

from core.tests.answers import Json

# Status and JSON (or bytes as they are); None hangs until the test ends.
Reply: TypeAlias = tuple[int, Json] | None


@dataclass
class Received:
    """A request that the gateway received."""

    path: str
    headers: Message
    content: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.content.decode()))

    @property
    def json(self) -> Json:
        return json.loads(self.content)


class StandIn:
    """Responds with `(status, JSON)` by path and records requests. An answer of None hangs until the test ends."""

    def __init__(self) -> None:
        self.answers: dict[str, Reply] = {}
        self.received: list[Received] = []
        self._released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def received_at(self, path: str) -> list[Received]:
        return [request for request in self.received if request.path == path]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(stand_in) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                stand_in.received.append(Received(self.path, self.headers, content))
                answer = stand_in.answers[self.path]
                if answer is None:
                    stand_in._released.wait()
                    self.close_connection = True
                    return
                status, body = answer
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

            def log_message(self, *args: object) -> None:
                pass

        return Handler
