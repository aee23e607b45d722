"""What makes a dialect, as data: its envelope of errors, its way to read, who may call, its descriptions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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

    kind: type[Exception] | tuple[type[Exception], ...]
    status: int
    words: str = ""
    detail: str = ""


@dataclass(frozen=True)
class ErrorDescription:
    """How OpenAPI describes an error."""

    description: str
    words: str = ""  # of the example, where what a client is told by the rows would not do
    headers: Mapping[str, Schema] = field(default_factory=dict)


RETRY_AFTER: Schema = {"Retry-After": {"type": "string", "description": "Seconds.", "pattern": "^[0-9]+$"}}


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
