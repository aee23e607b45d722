"""What a client may cost the server before it is cut off; `docs/serving.md` lists it with the answers."""

from dataclasses import dataclass

# A whole phone book fits into the query string: 1,000 numbers of `phones%5B%5D=%2B972%2052-293-4321&` are 36 kB.
MAX_REQUEST_LINE = 64 * 1024
MAX_HEADER_BYTES = 32 * 1024  # after the request line
MAX_HEADERS = 100
WINDOW_SECONDS = 30  # the least rate holds in each span of this length
# Clients that send everything before they read get their 413, up to so many times the limit, within so many
# seconds.
DISCARDED_LIMITS = 4
DISCARD_SECONDS = 30
# After the last answer of a connection, the rest of what the client sends is read for so long: closing a socket
# with unread bytes would lose the answer.
LINGER_SECONDS = 2
LINGER_BYTES = 1024 * 1024
SPOOL_BYTES = 256 * 1024  # what is longer, of a body or an answer, waits in a temporary file
MAX_UNSENT_BYTES = 1024 * 1024 * 1024  # beyond this, a thread waits for the reader
MAX_WAITING = 200  # requests that wait for a thread, in each lane of a process


@dataclass(frozen=True)
class Limits:
    """The limits that an operator can set. All hold for one machine."""

    head_seconds: int = 20  # from the first byte of a request to the end of its head
    idle_seconds: int = 60  # between two requests
    bytes_per_second: int = 1024  # the least rate of bodies and of answers
    connections: int = 2000
    connections_per_address: int = 500  # or per /64 of IPv6
