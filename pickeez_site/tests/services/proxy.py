"""A TCP proxy between the server and a service, with which tests make outages."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

# Closing a socket with this option sends a reset, like a machine that has restarted.
RESET = (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
CHUNK_BYTES = 64 * 1024


class TcpProxy:
    """Forwards TCP connections from its own port to a service on loopback.

    While it is closed, it refuses connections and has broken the existing ones. While it is stalled, it accepts
    connections and everything that is sent, and never answers.
    """

    def __init__(self, port: int) -> None:
        self._service = ("127.0.0.1", port)
        self._forwarding = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.port = 0
        self.open()

    def open(self) -> None:
        self._forwarding.set()
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
            self.port = self._listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        self._forwarding.set()
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for connection in list(self._sockets):
            self._end(connection)

    def stall(self) -> None:
        self._forwarding.clear()

    @contextlib.contextmanager
    def closed(self) -> Iterator[None]:
        self.close()
        try:
            yield
        finally:
            self.open()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                service = socket.create_connection(self._service, timeout=5)
            except OSError:
                self._end(client)
                continue
            service.settimeout(None)
            self._sockets |= {client, service}
            for source, target in ((client, service), (service, client)):
                threading.Thread(target=self._forward, args=(source, target), daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(CHUNK_BYTES):
                self._forwarding.wait()
                target.sendall(data)
        except OSError:
            pass
        self._end(source)
        self._end(target)

    def _end(self, connection: socket.socket) -> None:
        self._sockets.discard(connection)
        with contextlib.suppress(OSError):
            connection.setsockopt(*RESET)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()
