"""What makes a dialect, as data: its envelope of errors, its way to read, who may call, its descriptions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pickeez_site.dialects.wire import Reader, Wire

Schema = dict[str, Any]  # of OpenAPI
Alternatives = Sequence[Mapping[str, list[str]]]  # OpenAPI's Security Requirement Objects


@dataclass(frozen=True)
class Failure:
    """What a client is told of an error."""

    status: int
    words: str
    detail: str = ""  # for a dialect that says more than one thing


@dataclass(frozen=True)
class ErrorRow:
    """How an exception is told. Without words: the error's own, which are meant for clients."""

    kind: type[Exception]
    status: int
    words: str = ""
    detail: str = ""


@dataclass(frozen=True)
class ErrorDescription:
    """How OpenAPI describes an error."""

    description: str
    words: str = ""  # of the example
    detail: str = ""
    headers: Mapping[str, Schema] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)  # further words, each with its detail


SHARED_DESCRIPTIONS = {
    404: ErrorDescription("Unknown, or nothing that the caller may see.", "Not found."),
    413: ErrorDescription("The body is too large.", "The body is too large."),
    415: ErrorDescription("The body is not JSON.", 'Unsupported media type "text/plain" in request.'),
    503: ErrorDescription("The database or the storage is away.", "The database is away. Please try again later."),
}


@dataclass(frozen=True, kw_only=True)
class Dialect:
    title: str
    description: str
    reader: Reader
    envelope: Callable[[Failure], Wire]
    error: type[Wire]  # what `envelope` makes
    done: Wire | None = None  # the answer of an action that returns nothing
    errors: Sequence[ErrorRow] = ()  # before those that all dialects share; the first that fits is taken
    error_descriptions: Mapping[int, ErrorDescription]  # where those of all dialects would not do
    always: Sequence[int]  # the errors that every route may answer …
    body_errors: Sequence[int] = (413, 415)  # … every one that takes a body …
    path_errors: Sequence[int] = ()  # … and every one with a name or an id in its path
    challenge: str = "Bearer"  # of a 401
    no_user: str  # said to who is not signed in
    security: Alternatives
    security_schemes: Mapping[str, Schema]
    # By the route's name, where Django's pattern is not the document's path.
    paths: Mapping[str, str] = field(default_factory=dict)

    def described_error(self, status: int) -> ErrorDescription:
        """As the dialect says, or as all do. An example without words has those of the dialect's own rows."""
        said = self.error_descriptions.get(status)
        rows = [row for row in self.errors if row.status == status and row.words]
        if rows and not (said and said.words):
            said = replace(said or SHARED_DESCRIPTIONS[status], words=rows[0].words, detail=rows[0].detail)
            return replace(said, others={row.words: row.detail for row in rows[1:]})
        return said or SHARED_DESCRIPTIONS[status]
