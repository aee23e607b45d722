"""Reads the heads of requests strictly: what a proxy in front may read differently is refused."""

import re
import time
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser

from pickeez_site.serving.web_server.bodies import Body, ChunkedBody, FixedBody
from pickeez_site.serving.web_server.limits import MAX_HEADER_BYTES, MAX_HEADERS, MAX_REQUEST_LINE, Limits
from pickeez_site.serving.web_server.refusals import Refused

BodyLimit = Callable[[str, str, str], int]  # of method, path and content type: the maximum number of bytes

_BARE_LF = re.compile(rb"(?<!\r)\n")
_REQUEST_LINE = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Z]+ [\x21-\x7e\x80-\xff]+ HTTP/1\.([01])")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_ONCE = (b"content-length", b"transfer-encoding", b"host", b"content-type")


class Options(Adjustments):
    """waitress' options, and ours."""

    limits = Limits()
    body_limit: BodyLimit


class Parser(HTTPRequestParser):
    """Collects one request. Of the headers with an underscore it lets in `api_key` alone."""

    adj: Options
    body_rcv: Body | None
    command = ""

    def __init__(self, adj: Options) -> None:
        super().__init__(adj)
        self.started = time.monotonic()

    @property
    def unread(self) -> bool:
        """Whether a part of its body was left unread, so that the connection cannot go on."""
        return self.body_rcv is not None and self.body_rcv.unread

    def received(self, data: bytes) -> int:
        """Takes what belongs to this request, and returns how many bytes that were."""
        if self.completed:
            return 0
        try:
            if self.body_rcv is None:
                self._check_head(self.header_plus + data)
            consumed: int = super().received(data)
        except Refused as refused:
            self.refuse(refused.status)
        if self.error:
            self.version = "1.1"
            return len(data)  # nothing after an error is read as another request
        self._expect()
        return consumed

    def refuse(self, status: HTTPStatus) -> None:
        """Ends the request here: the server answers it with this status."""
        self.error, self.completed, self.version = Refused(status).error(), True, "1.1"
        self.expect_continue = False

    def _expect(self) -> None:
        """Only who announces a body that may come is told to continue."""
        if not self.headers_finished or not self.expect_continue:
            return
        if self.body_rcv is None:
            self.expect_continue = False
        elif self.body_rcv.is_refused:
            self.expect_continue = False
            self.body_rcv.give_up()
            self.completed = True

    def _check_head(self, head: bytes) -> None:
        """Raises `Refused` for what is too long already, and for lines that end without a carriage return."""
        new = max(len(self.header_plus) - 3, 0)
        end = head.find(b"\r\n\r\n", new)
        head_length = len(head) if end < 0 else end + 4
        line_end = head.find(b"\r\n")
        if (line_end if line_end >= 0 else head_length) > MAX_REQUEST_LINE:
            raise Refused(HTTPStatus.REQUEST_URI_TOO_LONG)
        if line_end >= 0 and head_length - line_end > MAX_HEADER_BYTES:
            raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        if _BARE_LF.search(head, new, head_length):
            raise Refused(HTTPStatus.BAD_REQUEST)

    def parse_header(self, header_plus: bytes) -> None:
        """Reads the request line and the headers. Raises `Refused`, and waitress' own `ParsingError`."""
        line, _, rest = header_plus.partition(b"\r\n")
        match = _REQUEST_LINE.fullmatch(line)
        if match is None:
            raise Refused(HTTPStatus.BAD_REQUEST)
        headers = [_name_and_value(header) for header in rest.split(b"\r\n") if header]
        if len(headers) > MAX_HEADERS:
            raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        _check_framing(headers, is_old=match[1] == b"0")
        ascii_line = _NOT_ASCII.sub(lambda byte: b"%%%02X" % byte[0][0], line)
        try:
            super().parse_header(b"\r\n".join([ascii_line, rest]))
        except ValueError as error:  # from urllib, about a host that the request line names
            raise Refused(HTTPStatus.BAD_REQUEST) from error
        self._let_in_api_key(headers)
        self._receive_body()

    def _let_in_api_key(self, headers: list[tuple[bytes, bytes]]) -> None:
        """waitress would take `api-key` for it, and drop the true one. Together they are joined, and refused."""
        self.headers.pop("API_KEY", None)
        values = [value.decode("latin-1") for name, value in headers if name in (b"api_key", b"api-key")]
        if any(name == b"api_key" for name, _ in headers):
            self.headers["API_KEY"] = ", ".join(values)

    def _receive_body(self) -> None:
        if not self.chunked and not self.content_length:
            return
        limit = self.adj.body_limit(self.command, self.path, self.headers.get("CONTENT_TYPE", ""))
        self.body_rcv = ChunkedBody(limit) if self.chunked else FixedBody(self.content_length, limit)


def _name_and_value(header: bytes) -> tuple[bytes, bytes]:
    if header[:1] in (b" ", b"\t"):
        raise Refused(HTTPStatus.BAD_REQUEST)
    name, _, value = header.partition(b":")
    return name.lower(), value.strip(b" \t")


def _check_framing(headers: list[tuple[bytes, bytes]], *, is_old: bool) -> None:
    """Raises `Refused` when it is not certain where the body ends or which host is meant."""
    count, values = Counter(name for name, _ in headers), dict(headers)
    length, coding = values.get(b"content-length"), values.get(b"transfer-encoding")
    if any(count[name] > 1 for name in _ONCE):
        raise Refused(HTTPStatus.BAD_REQUEST)
    if length is not None and (coding is not None or not _LENGTH.fullmatch(length)):
        raise Refused(HTTPStatus.BAD_REQUEST)
    if coding is not None and is_old:
        raise Refused(HTTPStatus.BAD_REQUEST)
    if coding is not None and coding.lower() != b"chunked":
        raise Refused(HTTPStatus.NOT_IMPLEMENTED)
    if not is_old and b"host" not in count:
        raise Refused(HTTPStatus.BAD_REQUEST)
