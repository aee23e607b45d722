"""The base of all viewsets, and the decorator by which an action says what it takes and answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ClassVar, get_type_hints

import msgspec
from django.http import HttpResponseBase
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from accounts.models import User
from pickeez_site.dialects.dialect import Alternatives, Dialect, Failure
from pickeez_site.dialects.errors import handler_of
from pickeez_site.dialects.wire import WireRenderer

Action = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One of the answers of an operation, for OpenAPI."""

    description: str
    kind: Any = None  # a wire type, or a union of some; None for an empty body
    media_types: Mapping[str, Any] = field(default_factory=dict)  # others than JSON, each with its kind
    headers: Mapping[str, Any] = field(default_factory=dict)
    example: Any = None
    examples: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What an action takes and answers; `operation` derives it from the action's own signature."""

    summary: str
    description: str
    takes: Any  # a wire type, or a union of some; None for nothing
    path_parameters: Mapping[str, Any]
    answers: Mapping[int, Answer]
    errors: Sequence[int]  # beside those that every route of the dialect may answer
    security: Alternatives | None  # None: as the dialect says
    example: Any  # of what it takes …
    examples: Mapping[str, Any]  # … or several, by name
    media_type: str
    body_is_optional: bool


def operation(
    summary: str,
    *,
    answer: str = "Done.",
    status: int = 200,
    answers: Mapping[int, Answer] | None = None,
    errors: Sequence[int] = (),
    security: Alternatives | None = None,
    example: Any = None,
    examples: Mapping[str, Any] | None = None,
    answer_example: Any = None,
    description: str = "",
    path: Mapping[str, Any] | None = None,
    media_type: str = "application/json",
    body_is_optional: bool = False,
) -> Callable[[Action], Action]:
    """Makes a view of a viewset's action.

    The action's parameter `asked` is the request, as the wire type of its annotation; its return annotation is the
    wire type that it answers with `status`; its other parameters are in the path. The docstring is the
    description, unless `description` says it, with numbers of ours in it. `path` describes a path of which Django
    takes several parts as one. An action may answer with a `Response` of its own; `answers` says what that may be.
    """

    def decorate(action: Action) -> Action:
        kinds = get_type_hints(action, include_extras=True)
        answered, asked = kinds.pop("return"), kinds.pop("asked", None)
        kinds.pop("request")
        described = dict(answers or {})
        if not (isinstance(answered, type) and issubclass(answered, HttpResponseBase)):
            described.setdefault(status, Answer(description=answer, kind=answered, example=answer_example))

        @wraps(action)
        def view(viewset: "DialectViewSet", request: Request, **given: Any) -> HttpResponseBase:
            if asked is not None:
                given["asked"] = viewset.dialect.reader.read(asked, request)
            result = action(viewset, request, **given)
            return result if isinstance(result, HttpResponseBase) else Response(result, status=status)

        vars(view)["operation"] = Operation(
            summary=summary,
            description=description or " ".join((action.__doc__ or "").split()),
            takes=asked,
            path_parameters=kinds if path is None else path,
            answers=described,
            errors=errors,
            security=security,
            example=example,
            examples=examples or {},
            media_type=media_type,
            body_is_optional=body_is_optional,
        )
        return view

    return decorate


class DialectViewSet(ViewSet):
    """The base of all viewsets: reads, answers and refuses as its dialect says."""

    dialect: ClassVar[Dialect]
    section: ClassVar[str]  # of the dialect's document
    renderer_classes = [WireRenderer]

    def get_exception_handler(self) -> Any:
        return handler_of(self.dialect)

    @classmethod
    def envelope(cls, words: str, status: int) -> Any:
        """An error that no view has seen, as plain JSON."""
        return msgspec.to_builtins(cls.dialect.envelope(Failure(status, words)))

    @property
    def caller(self) -> User:
        """Whoever has signed in. Raises `NotAuthenticated` when nobody has."""
        if not isinstance(self.request.user, User):
            raise NotAuthenticated(self.dialect.no_user)
        return self.request.user


class SignedIn(BasePermission):
    """A user, whatever they have signed in with."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        assert isinstance(view, DialectViewSet)  # noqa: S101
        if not isinstance(request.user, User):
            raise NotAuthenticated(view.dialect.no_user)
        return True
