"""Clients that send and read slowly, and how long others wait meanwhile.

`python -m pickeez_site.tests.slow_clients 40 120` starts a server, holds forty clients of each kind for two minutes,
then a thousand idle connections, and prints what others have waited and what memory that took.
"""

import http.client
import json
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from pickeez_site.tests.stack import Stack

PREPARE = """
import json
from django.core.files.base import ContentFile
from accounts.models import User
from accounts.services import create_token
from albums.services import create_album
from faces.models import Selfie
from photos import storage
from photos.tests.builders import place_photos
from pickeez_site.serving.media import selfie_path
user = User.objects.create_user(name="Owner", verified_phone="12025550111")
small, large = create_album(owner=user, name="Small"), create_album(owner=user, name="Large")
place_photos(small, user, 10)
place_photos(large, user, 4000)
storage.save("selfies/large.jpg", ContentFile(bytes(30_000_000)))
selfie = Selfie.objects.create(
    user=user, key="selfies/large.jpg", sha256="x", content_type="image/jpeg", status=Selfie.Status.ACCEPTED
)
print(json.dumps([create_token(user=user), f"/albums/{small.pk}", f"/albums/{large.pk}", selfie_path(selfie)]))
"""
RECEIVE_BUFFER = 4096  # the smallest that a client can have


@dataclass(frozen=True)
class Targets:
    """What the clients ask for."""

    port: int
    token: str
    small: str
    large: str
    media: str

    def head(self, line: str, *headers: str) -> bytes:
        lines = [f"{line} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {self.token}", *headers, "", ""]
        return "\r\n".join(lines).encode()


def prepare(stack: Stack) -> Targets:
    """Fills the database of a stack that runs."""
    return Targets(stack.port, *json.loads(stack.manage("shell", "--command", PREPARE).splitlines()[-1]))


@dataclass
class SlowClient:
    """A connection that sends `first`, and then `more` every second, or reads a little."""

    first: bytes
    more: bytes = b""
    reads: int = 0

    def __post_init__(self) -> None:
        self.socket: socket.socket | None = None

    def step(self, port: int) -> None:
        """Connects, or goes on for a second. Who is cut off comes back."""
        try:
            if self.socket is None:
                self.socket = socket.socket()
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
                self.socket.connect(("127.0.0.1", port))
                self.socket.sendall(self.first)
                self.socket.setblocking(False)
            elif self.more:
                self.socket.send(self.more)
            elif self.reads and not self.socket.recv(self.reads):
                self.close()
        except BlockingIOError:
            return
        except OSError:
            self.close()

    def close(self) -> None:
        if self.socket:
            self.socket.close()
        self.socket = None


def kinds(targets: Targets) -> dict[str, Callable[[], SlowClient]]:
    """Makers of each kind of slow client."""
    post, as_json = "POST /login/phone/confirm", "Content-Type: application/json"
    return {
        "heads": lambda: SlowClient(targets.head("GET /ping")[:-2] + b"X-Slow: ", b"x"),
        "fixed bodies": lambda: SlowClient(targets.head(post, as_json, "Content-Length: 1000"), b" "),
        "chunked bodies": lambda: SlowClient(
            targets.head(post, as_json, "Transfer-Encoding: chunked"), b"1\r\n \r\n"
        ),
        "refused bodies": lambda: SlowClient(
            targets.head(post, as_json, "Content-Length: 900000000"), b" " * 1000
        ),
        "readers of media": lambda: SlowClient(targets.head(f"GET {targets.media}"), reads=100),
        "readers of JSON": lambda: SlowClient(targets.head(f"GET {targets.large}"), reads=100),
        "idle": lambda: SlowClient(targets.head("GET /ping")),
    }


@contextmanager
def held(clients: list[SlowClient], port: int) -> Iterator[None]:
    """Has the clients go on, each about once a second, until the end of the block."""
    ended = threading.Event()

    def hold() -> None:
        while not ended.is_set():
            start = time.monotonic()
            for client in clients:
                client.step(port)
            ended.wait(max(0.0, start + 1 - time.monotonic()))

    holding = threading.Thread(target=hold)
    holding.start()
    try:
        yield
    finally:
        ended.set()
        holding.join()
        for client in clients:
            client.close()


@dataclass
class Waits:
    """The seconds that requests of others have taken."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    def measure(self, targets: Targets, path: str) -> None:
        start = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", targets.port, timeout=20)
        connection.request("GET", path, headers={"Authorization": f"Bearer {targets.token}"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status == 200, answer.status
        self.seconds.setdefault(path, []).append(time.monotonic() - start)

    def measure_for(self, seconds: float, targets: Targets) -> None:
        """Measures a probe and a small album about every half second."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.measure(targets, "/healthz")
            self.measure(targets, targets.small)
            time.sleep(0.5)

    def median_and_worst(self) -> dict[str, tuple[float, float]]:
        return {path: (statistics.median(all_), max(all_)) for path, all_ in self.seconds.items()}


def memory_of_web(stack: Stack) -> list[float]:
    """The megabytes that each web process has to itself (proportional share)."""
    return [psutil.Process(pid).memory_full_info().pss / 1e6 for pid in stack.children("web")]


@contextmanager
def idle_connections(port: int, number: int) -> Iterator[None]:
    """Connections on each of which one request was answered."""
    with ExitStack() as stack:
        for _ in range(number):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall(b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
            client.recv(4096)
        yield


def main(each: int, seconds: float) -> None:
    """Runs it at full size, and prints what it has measured."""
    folder = Path(tempfile.mkdtemp(prefix="pickeez-slow-"))
    stack = Stack(folder, WEB_PROCESSES="2", WEB_CONNECTIONS_PER_ADDRESS="5000", WEB_CONNECTIONS="5000")
    with stack.running("web"):
        targets = prepare(stack)
        for what, clients in (
            ("nobody", []),
            *((name, [make() for _ in range(each)]) for name, make in kinds(targets).items()),
            ("all together", [make() for make in kinds(targets).values() for _ in range(each)]),
        ):
            waits = Waits()
            with held(clients, targets.port):
                waits.measure_for(seconds if what == "all together" else min(seconds, 15), targets)
            for path, (median, worst) in waits.median_and_worst().items():
                name = "album" if path == targets.small else path
                sys.stdout.write(f"{what}: {name} median {median:.3f} s, worst {worst:.3f} s\n")
            sys.stdout.write(f"   memory {memory_of_web(stack)} MB\n")
            sys.stdout.flush()
        time.sleep(5)
        before = sum(memory_of_web(stack))
        with idle_connections(targets.port, 1000):
            waits = Waits()
            waits.measure_for(10, targets)
            sys.stdout.write(f"1,000 idle: {waits.median_and_worst()}, {sum(memory_of_web(stack)) - before} MB\n")
        with suppress(OSError):
            sys.stdout.write(stack.logs()[-1500:])


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
