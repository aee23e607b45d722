"""Web servers on loopback that respond as a test tells them, and a fetcher that may call 127.0.0.1."""

import ipaddress
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self, TypeAlias

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from core.fetching import Fetched, Fetcher, FetchError, IPAddress

IMAGE = b"\x89PNG and so on"
PNG = ("Content-Type", "image/png")
LOOPBACK = ipaddress.ip_address("127.0.0.1")

# Handles one request of a site.
Responder: TypeAlias = Callable[["Handler"], object]


class Handler(BaseHTTPRequestHandler):
    server: "Site"

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers)))
        self.close_connection = True
        with suppress(OSError):  # the client may have closed the connection
            self.server.answer(self)

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.do_GET()

    def log_message(self, *args: object) -> None:
        pass


def make_certificate(path: Path, host: str) -> str:
    """Writes a certificate for the host, which it signs itself, and its key to the path; returns the path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(timezone.now() - timedelta(days=1))
        .not_valid_after(timezone.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(
        built.public_bytes(serialization.Encoding.PEM) + key.private_bytes(serialization.Encoding.PEM, *form)
    )
    return str(path)


def respond_with(body: bytes = IMAGE, *headers: tuple[str, str], status: int = 200) -> Responder:
    """Returns a responder with this status and body; its headers declare a PNG unless others are given."""

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers or [PNG]:
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def redirect(location: str, status: int = 302) -> Responder:
    return respond_with(b"", ("Location", location), status=status)


def respond_in_turn(*answers: Responder) -> Responder:
    """Returns a responder that uses the next of the answers for each request."""
    remaining = iter(answers)

    def answer(handler: Handler) -> None:
        next(remaining)(handler)

    return answer


class Site(ThreadingHTTPServer):
    """A web server on loopback whose `answer` a test sets, and whose `requests` it reads."""

    daemon_threads = False  # joined when it closes

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.bodies: list[bytes] = []  # of the requests that had one
        self.answer: Responder = respond_with()
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    def url(self, path: str = "/picture.png", host: str = "pictures.test", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.server_port}{path}"

    def encrypt(self, certificate: str) -> ssl.SSLContext:
        """Serves by TLS with the certificate of this path; to be called before the server starts."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        return context

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()
        self.thread.join()


class AllPorts:
    def __contains__(self, port: object) -> bool:
        return True


def fetcher(
    *,
    names: dict[str, list[str]] | None = None,
    allow: Callable[[IPAddress], bool] = lambda address: address == LOOPBACK,
    **changes: Any,
) -> Fetcher:
    """Returns a fetcher that may call 127.0.0.1, to which all names resolve that are not in `names`."""

    def resolve(host: str, port: int) -> list[str]:
        return (names or {}).get(host, ["127.0.0.1"])

    return Fetcher(**{"resolve": resolve, "allow": allow, "ports": AllPorts(), **changes})


def get(
    url: str, *, max_bytes: int = 1000, timeout: float = 5, by: Fetcher | None = None, **options: Any
) -> Fetched:
    return (by or fetcher()).fetch(url, max_bytes=max_bytes, timeout=timeout, **options)


def fetch_error(url: str, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        get(url, **options)
    return caught.value
