"""The base of all viewsets, and the decorator by which an action says what it takes and answers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import wraps
from inspect import signature
from typing import ClassVar, cast, get_type_hints

import msgspec
from django.http import HttpRequest, HttpResponseBase
from rest_framework.exceptions import NotAuthenticated
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from accounts.models import User
from pickeez_site.dialects.dialect import Alternatives, Dialect, Failure, Schema
from pickeez_site.dialects.errors import Handler, handler_of
from pickeez_site.dialects.wire import Json, Wire, WireRenderer
from pickeez_site.dialects.wire.types import TypeForm, WireMeta

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Answer:
    """One of the answers of an operation, for OpenAPI."""

    description: str
    _: KW_ONLY
    kind: TypeForm = None  # a wire type, or a union of some; None for an empty body
    media_types: Mapping[str, TypeForm] = field(default_factory=dict)  # others than JSON
    headers: Mapping[str, Schema] = field(default_factory=dict)


@dataclass(frozen=True)
class operation:  # noqa: N801 - a decorator, like Django's own
    """Makes a view of a viewset's action, and says what OpenAPI is to say of it.

    The action's keyword-only parameters, those behind `*`, are the members of the request, as if a wire type
    declared them that extends `base`; or its parameter `asked` is the whole request, of the wire type of its
    annotation. Its other parameters are in the path, but for `request`, which it may leave out. Its return
    annotation is the wire type that it answers with `status`, or None for the dialect's `done`. The docstring is
    the description, unless `description` says it, with numbers of ours in it. `path` describes a path of which
    Django takes several parts as one. An action may answer with a `Response` of its own; `answers` says what that
    may be. A GET that `changes` something, or is counted, says so: then HEAD, which must change nothing, is not
    allowed there.
    """

    summary: str
    _: KW_ONLY
    base: type[Wire] = Wire  # says how members are called on the wire, and whether there may be others
    description: str = ""
    answer: str | Answer = "Done."  # as an `Answer` where there is more to say, or several have the same
    status: int = 200
    changes: bool = False
    answers: Mapping[int, Answer] = field(default_factory=dict)
    errors: Sequence[int] = ()  # beside those that every route of the dialect may answer
    security: Alternatives | None = None  # None: as the viewset or the dialect says
    takes: TypeForm = None
    path: Mapping[str, TypeForm] | None = None

    def __call__(self, action: Callable[..., object]) -> View:
        kinds: dict[str, TypeForm] = get_type_hints(action, include_extras=True)
        parameters = signature(action).parameters.values()
        members = {one.name: kinds.pop(one.name) for one in parameters if one.kind is one.KEYWORD_ONLY}
        takes = self._request_of(action, members) if members else kinds.pop("asked", None)
        answered, wants_request = kinds.pop("return"), kinds.pop("request", None) is not None

        @wraps(action)
        def view(viewset: "DialectViewSet", request: Request, **given: object) -> HttpResponseBase:
            if takes is not None:
                asked = viewset.dialect.reader.read(cast("type[Wire]", takes), request)
                given |= msgspec.structs.asdict(asked) if members else {"asked": asked}
            if wants_request:
                given["request"] = request
            result = action(viewset, **given)
            if isinstance(result, HttpResponseBase):
                return result
            return Response(viewset.dialect.done if result is None else result, status=self.status)

        vars(view)["operation"] = replace(
            self,
            description=self.description or " ".join((action.__doc__ or "").split()),
            takes=takes,
            path=kinds if self.path is None else self.path,
            answers={**self._main_answer(answered), **self.answers},
        )
        return view

    def _request_of(self, action: Callable[..., object], members: Mapping[str, TypeForm]) -> type[Wire]:
        """The members as a wire type. Its name has a point in it: such types are described where they stand."""
        namespace = {**(action.__kwdefaults__ or {}), "__module__": action.__module__, "__annotations__": members}
        return cast("type[Wire]", WireMeta(action.__qualname__, (self.base,), namespace))

    def _main_answer(self, kind: TypeForm) -> dict[int, Answer]:
        if isinstance(kind, type) and issubclass(kind, HttpResponseBase):
            return {}
        answer = Answer(self.answer) if isinstance(self.answer, str) else self.answer
        return {self.status: replace(answer, kind=kind)}


class AnythingAccepted(DefaultContentNegotiation):
    """Answers as the view does whatever the client accepts, as a server may: that tells more than a 406 would."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class DialectViewSet(ViewSet):
    """The base of all viewsets: reads, answers and refuses as its dialect says."""

    dialect: ClassVar[Dialect]
    section: ClassVar[str]  # of the dialect's document
    security: ClassVar[Alternatives | None] = None  # where it is not the dialect's
    renderer_classes = [WireRenderer]
    content_negotiation_class = AnythingAccepted

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Answers HEAD like GET, as REST framework does, but not where the GET changes something."""
        action = getattr(type(self), self.action_map.get("head", ""), None)
        if action and vars(action)["operation"].changes:
            del vars(self)["head"]
        return super().dispatch(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Response, *args: object, **kwargs: object) -> Response:
        """Lets no cache keep an answer, because most are for the caller only; a view may say otherwise."""
        response.headers.setdefault("Cache-Control", "no-store")
        return super().finalize_response(request, response, *args, **kwargs)

    def get_exception_handler(self) -> Handler:
        return handler_of(self.dialect)

    @classmethod
    def envelope(cls, words: str, status: int) -> Json:
        """An error that no view has seen, as plain JSON."""
        plain: Json = msgspec.to_builtins(cls.dialect.envelope(Failure(status, words)))
        return plain

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
