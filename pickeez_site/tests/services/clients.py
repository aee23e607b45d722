"""Clients that go on when a server says that it cannot serve them now, and remember what they were told."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from core.tests.answers import Json
from pickeez_site.operations.demo.client import Client
from pickeez_site.tests.services.party import GROUPS, Draw, Party

PATIENCE = 120
PAUSE = 0.3


@dataclass
class Answers:
    """How often each status was answered (0: the connection broke), and the longest wait for one, in seconds."""

    statuses: Counter[int] = field(default_factory=Counter)
    longest: float = 0.0
    bodies: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, call: Callable[[], requests.Response]) -> requests.Response | None:
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

    def until_ok(self, call: Callable[[], requests.Response]) -> dict[str, Json]:
        """Asks again until the answer is good. Raises `TimeoutError`."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = self.ask(call)
            if answer is not None and answer.ok:
                return answer.json()
            time.sleep(PAUSE)
        raise TimeoutError(f"{self.statuses}: {self.bodies[-3:]}")


def upload_stubbornly(party: Party, draw: Draw, number: int, answers: Answers) -> None:
    """Uploads a picture, however often that takes, and notes who is on the photo that it became."""
    group = GROUPS[number % len(GROUPS)]
    content = draw(*group, seed=number).read()
    client = party.people[number % len(party.people)]

    def call() -> requests.Response:
        files = {"file": (f"{number}.png", content)}
        return post(client, party.stack.url, "/photos/", data={"album_id": party.album}, files=files)

    party.shown[answers.until_ok(call)["_id"]] = group


def post(client: Client, url: str, path: str, **options: Any) -> requests.Response:
    """One request on a connection of its own."""
    return requests.post(url + path, headers={"Authorization": f"Bearer {client.token}"}, timeout=60, **options)
