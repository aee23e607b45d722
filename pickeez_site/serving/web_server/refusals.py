"""The server's own error answers, as JSON. They repeat nothing of what the client has sent."""

import json
from http import HTTPStatus

from waitress.task import ErrorTask as WaitressErrorTask
from waitress.utilities import Error

from pickeez_site.serving.web_server.limits import MAX_REQUEST_LINE

RETRY_SECONDS = 5
_WORDS = {
    HTTPStatus.REQUEST_URI_TOO_LONG: f"The request line is longer than {MAX_REQUEST_LINE} bytes.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The headers are too large.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Server error.",
    HTTPStatus.REQUEST_TIMEOUT: "The request came too slowly.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The server is busy. Please try again later.",
}


class Refused(Exception):
    """The server answers this request itself. The argument is the HTTP status."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status

    def error(self) -> Error:
        """What waitress keeps with a request that it does not give to the application."""
        error = Error("")
        error.code = self.status.value
        return error


def answer_to(status: HTTPStatus) -> tuple[str, list[tuple[str, str]], bytes]:
    """The status line, headers and body of an error."""
    headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append(("Retry-After", str(RETRY_SECONDS)))
    body = json.dumps({"msg": _WORDS.get(status, f"{status.phrase}.")}).encode()
    return f"{status.value} {status.phrase}", headers, body


def whole_answer(status: HTTPStatus) -> bytes:
    """An error as bytes, for a connection that is closed before anything was read."""
    line, headers, body = answer_to(status)
    headers += [("Connection", "close"), ("Content-Length", str(len(body)))]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {line}\r\n{head}\r\n".encode() + body


class ErrorTask(WaitressErrorTask):
    """Answers what the server has refused, and closes the connection."""

    def execute(self) -> None:
        self.status, headers, body = answer_to(HTTPStatus(self.request.error.code))
        self.response_headers.extend(headers)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(b"" if self.request.command == "HEAD" else body)
