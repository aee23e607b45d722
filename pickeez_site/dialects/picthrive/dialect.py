"""PicThrive as data: its envelope `{"Error": …}`, its open bodies, its callers with a token."""

from typing import Annotated

from msgspec import UNSET, inspect

from photos.services import AlreadyThere, NotProcessedYet
from pickeez_site.dialects.dialect import Alternatives, Dialect, ErrorDescription, ErrorRow
from pickeez_site.dialects.picthrive.wire import PicThriveWire
from pickeez_site.dialects.security import TOKEN, secret
from pickeez_site.dialects.wire import Reader
from pickeez_site.dialects.wire.members import Member
from pickeez_site.dialects.wire.reading import Given
from pickeez_site.dialects.wire.types import rules

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
    errors=[ErrorRow(AlreadyThere, 409), ErrorRow(NotProcessedYet, 409)],
    error_descriptions={
        409: ErrorDescription(
            "To move: the photo, or one of the same file, is there already. To copy: it is still being processed.",
            "The photo is still being processed.",
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
