"""Clients that try again when the server answers with an error, and record its answers."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from core.tests.answers import Json
from pickeez_site.operations.demo.client import Client
from pickeez_site.tests.services.shared_album import GROUPS, Draw, SharedAlbum

WAIT_SECONDS = 120
PAUSE = 0.3


@dataclass
class Answers:
    """The number of answers of each status (0 when the connection broke), and the longest time of one in seconds."""

    statuses: Counter[int] = field(default_factory=Counter)
    longest: float = 0.0
    bodies: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, call: Callable[[], requests.Response]) -> requests.Response | None:
        """The answer; None when the connection broke."""
        started = time.monotonic()
        try:
            answer: requests.Response | None = call()
        except requests.ConnectionError:
            answer = None
        with self._lock:
            self.longest = max(self.longest, time.monotonic() - started)
            self.statuses[answer.status_code if answer is not None else 0] += 1
            if answer is not None and not answer.ok:
                self.bodies.append(answer.text[:200])
        return answer

    def retry_until_ok(self, call: Callable[[], requests.Response]) -> dict[str, Json]:
        """Sends the request until it succeeds. Raises `TimeoutError`."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            answer = self.send(call)
            if answer is not None and answer.ok:
                return answer.json()
            time.sleep(PAUSE)
        raise TimeoutError(f"{self.statuses}: {self.bodies[-3:]}")


def upload_until_accepted(shared_album: SharedAlbum, draw: Draw, number: int, answers: Answers) -> None:
    """Uploads a picture, again after each error, and records who is on the photo."""
    group = GROUPS[number % len(GROUPS)]
    content = draw(*group, seed=number).read()
    client = shared_album.people[number % len(shared_album.people)]

    def call() -> requests.Response:
        files = {"file": (f"{number}.png", content)}
        return post(
            client, shared_album.stack.url, "/photos/", data={"album_id": shared_album.album_id}, files=files
        )

    shared_album.shown[answers.retry_until_ok(call)["_id"]] = group


def post(client: Client, url: str, path: str, **options: Any) -> requests.Response:
    """Sends one request on a new connection."""
    return requests.post(url + path, headers={"Authorization": f"Bearer {client.token}"}, timeout=60, **options)
