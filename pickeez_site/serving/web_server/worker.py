"""gunicorn's worker that serves with waitress: one loop for all connections, and lanes of threads for the work."""

import os
import resource
import socket
import sys
import time
from contextlib import suppress
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.server import TcpWSGIServer

from pickeez_site.serving.body_limit import body_limit
from pickeez_site.serving.web_server.channel import Application, Channel, without_bodies_for_head
from pickeez_site.serving.web_server.connections import ConnectionTable, ProcessConnections
from pickeez_site.serving.web_server.lanes import Lanes
from pickeez_site.serving.web_server.limits import (
    MAX_HEADER_BYTES,
    MAX_REQUEST_LINE,
    MAX_UNSENT_BYTES,
    SPOOL_BYTES,
    Limits,
)
from pickeez_site.serving.web_server.parser import Options
from pickeez_site.serving.web_server.refusals import whole_answer

POLL_SECONDS = 0.5
STOP_SECONDS = 6  # what is being received or answered may go on for so long
OPEN_FILES = 16 * 1024
FILES_PER_CONNECTION = 3  # the socket, a body's temporary file, an answer's
FILES_OF_THE_REST = 256
FOR_THIS_MACHINE = 50  # connections over the bound, so that health checks always come in
# With the usual 5 ms, a quick request would wait so long for a heavy one at each of its queries.
SWITCH_SECONDS = 0.001


class Server(TcpWSGIServer):
    """Listens on one socket, and refuses connections over the bounds."""

    channel_class = Channel
    connections: ProcessConnections
    max_connections: int
    adj: Options

    def readable(self) -> bool:
        return bool(self.accepting)

    def handle_accept(self) -> None:
        accepted = self.accept()
        if accepted is None:
            return
        client, address = accepted
        if self._is_too_much(address[0]):
            _turn_away(client)
        else:
            self.set_socket_options(client)
            self.channel_class(self, client, address, self.adj, map=self._map)

    def _is_too_much(self, address: str) -> bool:
        """Trusted proxies have only the bound over all."""
        peer = ip_address(address.partition("%")[0])
        peer = getattr(peer, "ipv4_mapped", None) or peer
        if self.connections.total >= self.max_connections + FOR_THIS_MACHINE * peer.is_loopback:
            return True
        if any(peer in network for network in settings.TRUSTED_PROXIES):
            return False
        return self.connections.count(address) >= self.adj.limits.connections_per_address


def _turn_away(client: socket.socket) -> None:
    """Sends 503, as far as it goes at once, and closes."""
    with client, suppress(OSError):
        client.setblocking(False)
        client.send(whole_answer(HTTPStatus.SERVICE_UNAVAILABLE))
        client.shutdown(socket.SHUT_WR)


class WebWorker(Worker):
    """One process. gunicorn starts, watches and stops it."""

    connections: ProcessConnections | None = None  # set before the fork by `assign_connections`

    def run(self) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        channels: dict[int, Any] = {}
        lanes = Lanes()
        servers = [self._listen(listener.sock, channels, lanes) for listener in self.sockets]
        next_check = time.monotonic()
        while self._goes_on():
            self.notify()
            wasyncore.poll2(POLL_SECONDS, channels)
            if time.monotonic() >= next_check:
                next_check = time.monotonic() + 1
                check(channels, time.monotonic())
        for server in servers:
            server.accepting = False
        self._finish(channels)
        lanes.shutdown()

    def _goes_on(self) -> bool:
        return bool(self.alive) and self.ppid == os.getppid()

    def _finish(self, channels: dict[int, Any]) -> None:
        """Goes on until nothing is being received or answered, or the time is up."""
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(channel.is_busy for channel in _clients(channels)):
            self.notify()
            wasyncore.poll2(0.1, channels)

    def _listen(self, listener: socket.socket, channels: dict[int, Any], lanes: Lanes) -> Server:
        limits = settings.WEB_LIMITS
        if self.connections is None:
            self.connections = ConnectionTable(1).column(0)
        server = make_server(self.wsgi, listener, channels, lanes, limits, self.connections)
        files = (_open_files() - FILES_OF_THE_REST) // FILES_PER_CONNECTION
        server.max_connections = max(1, min(limits.connections // max(1, self.cfg.workers), files))
        return server


def make_server(
    application: Application,
    listener: socket.socket,
    channels: dict[int, Any],
    lanes: Lanes,
    limits: Limits,
    connections: ProcessConnections,
) -> Server:
    """A server on this listener, which the loop over `channels` serves."""
    server = Server(
        without_bodies_for_head(application),
        channels,
        _sock=listener,
        dispatcher=lanes,
        adj=_options(limits),
        sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
        bind_socket=False,
    )
    server.connections, server.max_connections = connections, limits.connections
    return server


def check(channels: dict[int, Any], now: float) -> None:
    """Ends what takes too long. The loop calls it every second."""
    for channel in _clients(channels):
        channel.check(now)


def assign_connections(arbiter: Arbiter, worker: WebWorker) -> None:
    """gunicorn's `pre_fork`: gives the new process a column that no living one has."""
    table = getattr(arbiter, "connection_table", None)
    if table is None:  # twice as many as processes, because a restart has the old ones beside the new ones
        table = arbiter.connection_table = ConnectionTable(2 * arbiter.cfg.workers + 2)
    taken = {getattr(other, "connections_column", None) for other in arbiter.WORKERS.values()}
    column = next((number for number in range(table.columns) if number not in taken), 0)
    worker.connections_column, worker.connections = column, table.column(column)


def _clients(channels: dict[int, Any]) -> list[Channel]:
    return [channel for channel in channels.values() if isinstance(channel, Channel)]


def _options(limits: Limits) -> Options:
    options = Options(
        ident="pickeez",
        max_request_header_size=2 * (MAX_REQUEST_LINE + MAX_HEADER_BYTES),  # our parser refuses before
        max_request_body_size=2**62,  # the same
        inbuf_overflow=SPOOL_BYTES,
        outbuf_overflow=SPOOL_BYTES,
        outbuf_high_watermark=MAX_UNSENT_BYTES,
        channel_request_lookahead=1,  # reads on while it works, and so notices that a client has gone
        clear_untrusted_proxy_headers=False,  # Django does it
        log_socket_errors=False,
        recv_bytes=64 * 1024,
    )
    options.limits = limits
    options.body_limit = body_limit
    return options


def _open_files() -> int:
    """Raises the number of files that this process may have open as far as it goes, and returns it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    return allowed
