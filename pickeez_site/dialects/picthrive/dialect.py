"""PicThrive as data: its envelope `{"Error": …}`, its open bodies; and the base of its viewsets."""

from functools import partial
from typing import Annotated

from msgspec import UNSET, inspect
from rest_framework.request import Request

from albums.models import Album
from photos.services import AlreadyThere
from pickeez_site.dialects.authentication import BearerAuthentication
from pickeez_site.dialects.dialect import Alternatives, Dialect, ErrorDescription, ErrorRow
from pickeez_site.dialects.parsers import AnyValueJSONParser
from pickeez_site.dialects.picthrive.wire import Asked, PicThriveWire
from pickeez_site.dialects.security import TOKEN, secret
from pickeez_site.dialects.viewsets import DialectViewSet, SignedIn
from pickeez_site.dialects.viewsets import operation as any_operation
from pickeez_site.dialects.wire import Reader
from pickeez_site.dialects.wire.members import Member
from pickeez_site.dialects.wire.reading import Given
from pickeez_site.dialects.wire.types import rules
from pickeez_site.dialects.wire.values import parse_id

A_TOKEN: Alternatives = [{"token": []}]
PUBLIC_VIEW: Alternatives = [*A_TOKEN, {"groupToken": []}]


class Error(PicThriveWire):
    error: Annotated[str, rules("What is wrong, in plain words.", min_length=1)]


class Done(PicThriveWire): ...


class PicThriveReader(Reader):
    """Text comes without the blanks around it. Null and blank text are missing where they are no value."""

    def find(self, given: Given, member: Member) -> object:
        value = super().find(given, member)
        is_blank = value is None or (isinstance(value, str) and not value.strip())
        is_needed = member.required or isinstance(member.kind, inspect.LiteralType)
        return UNSET if is_blank and is_needed else value

    def convert(self, value: object, member: Member) -> object:
        converted = super().convert(value, member)
        return converted.strip() if isinstance(converted, str) else converted


DIALECT = Dialect(
    title="PicThrive",
    description="Sized, watermarked and addressable pictures for photographers' shops and their integrations. A "
    "group is an album. A body is one JSON object, whatever type it is declared to be; members that are not known "
    'are ignored. Every failure is `{"Error": …}`.',
    reader=PicThriveReader(),
    envelope=lambda failure: Error(error=failure.words),
    error=Error,
    done=Done(),
    errors=[ErrorRow(AlreadyThere, 409)],
    error_descriptions={
        409: ErrorDescription(
            "Another photo of the same file is in that group already.",
            "There is a photo of the same file already.",
        ),
    },
    always=(400, 401, 503),
    body_errors=(413,),
    path_errors=(404,),
    no_user="This needs the header Authorization: Bearer TOKEN.",
    security=A_TOKEN,
    security_schemes={
        "token": TOKEN,
        "groupToken": secret(
            "query", "Token", "A group's Token, which opens its public view to whoever has it. A wrong one is 404."
        ),
    },
    paths={"picthrive-groups": "/v1/Group/", "picthrive-regions": "/v1/Region/"},
)

operation = partial(any_operation, base=Asked)


class AnyTypeParser(AnyValueJSONParser):
    """JSON also from clients that name another type, or none."""

    media_type = "*/*"


class PicThriveViewSet(DialectViewSet):
    """A caller with a token, and a JSON object as body."""

    dialect = DIALECT
    parser_classes = [AnyTypeParser]
    authentication_classes = [BearerAuthentication]
    permission_classes = [SignedIn]

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        self.dialect.reader.body(request)  # is an object also where nothing of it is read

    def group(self, group_id: str) -> Album:
        """The group, if the caller may see it; an unknown one and somebody else's are equally not there."""
        return Album.objects.visible_to(self.caller).get(pk=parse_id(group_id))
