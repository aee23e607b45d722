"""PictoPy as data: its envelope of errors, an error and a message; what it takes for missing."""

import re
from http import HTTPStatus
from typing import Annotated, Literal

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from msgspec import UNSET, Meta, field, inspect
from rest_framework.exceptions import UnsupportedMediaType

from albums.models import Album
from albums.services import NameInUse, NameShared
from photos.image_paths import AmbiguousName, UnknownImage
from photos.importing import FolderNotWritable, ImportForbidden, InvalidPath, NotAPicture
from photos.services import PictureRemoved
from photos.storage import StorageUnavailable
from pickeez_site.dialects.dialect import Dialect, ErrorDescription, ErrorRow, Failure
from pickeez_site.dialects.security import TOKEN, TOKEN_PARAMETER
from pickeez_site.dialects.wire import BadInput, Reader, Wire
from pickeez_site.dialects.wire.members import Member
from pickeez_site.dialects.wire.reading import Given

DIGITS = re.compile("[0-9]{1,10}")
INVALID = "The request lacks something or has it in another form."


class PictoPyReader(Reader):
    """Null and empty text count as missing, but where a text may be empty."""

    null_is_missing = True
    no_object = "Invalid payload format"

    def find(self, given: Given, member: Member) -> object:
        value = super().find(given, member)
        may_be_empty = isinstance(member.kind, inspect.StrType) and not member.kind.min_length
        return UNSET if value == "" and not may_be_empty else value

    def coerce(self, value: object, member: Member) -> object:
        """Numbers are digits: they come in the query string only."""
        kinds = member.kind.types if isinstance(member.kind, inspect.UnionType) else ()
        is_number = any(isinstance(kind, inspect.IntType) for kind in kinds)
        return int(value) if is_number and isinstance(value, str) and DIGITS.fullmatch(value) else value

    def missing(self, name: str) -> str:
        return f"Missing '{name}' in payload"

    def invalid(self, name: str, allowed: str) -> str:
        return f"Invalid '{name}' format"


class Content(Wire):
    success: Literal[False]
    error: Annotated[str, Meta(min_length=1, description="What is wrong.")]
    message: Annotated[str, Meta(min_length=1, description="The same in a sentence.")]


class Refusal(Content):
    """Both forms of an error that the document's clients read, in one object."""

    status_code: Annotated[int, Meta(ge=400, le=599)]
    status: Annotated[int, Meta(ge=400, le=599)] = field(name="statusCode")
    content: Content


def envelope(failure: Failure) -> Refusal:
    """Where there is only a sentence, the error is the status in words."""
    error, message = failure.words, failure.detail
    if not message:
        error, message = HTTPStatus(failure.status).phrase, failure.words
    content = Content(success=False, error=error, message=message)
    return Refusal(
        status_code=failure.status,
        status=failure.status,
        success=False,
        error=error,
        message=message,
        content=content,
    )


DIALECT = Dialect(
    title="PictoPy",
    description="A desktop gallery: folders of pictures on the server's disk, albums by name, what and who is on "
    "the pictures. A token says whose library it is (also as the member `token` of a body). Programs on the "
    "server's own machine need none where the operator has set `LOCAL_LIBRARY_USER`.",
    reader=PictoPyReader(),
    envelope=envelope,
    error=Refusal,
    errors=[
        ErrorRow(BadInput, 400, detail=INVALID),
        ErrorRow(UnsupportedMediaType, 400, "Invalid payload format", "The body must be application/json."),
        ErrorRow(InvalidPath, 400, "Invalid file path", "There is nothing at this path that may be imported."),
        ErrorRow(NotAPicture, 400, "Invalid file type", "The file is no picture of a type that is taken."),
        ErrorRow(ImportForbidden, 403, "Forbidden", "The operator has not named you in IMPORT_USERS."),
        ErrorRow(FolderNotWritable, 403, "Folder not writable", "Thumbnails cannot be written into this folder."),
        ErrorRow(NameInUse, 409, "Album name already in use", "There is an album with this name already."),
        ErrorRow(NameShared, 409, "Album name is not unique", "Several albums have this name: none was deleted."),
        ErrorRow(PictureRemoved, 403, "Image was deleted", "Only who deleted it can bring it back."),
        ErrorRow(Album.DoesNotExist, 404, "Album not found", "There is no album with this name."),
        ErrorRow(UnknownImage, 404, "Image not found", "There is no image with this path."),
        ErrorRow(AmbiguousName, 404, "Ambiguous file name", "Several images have this name: send the whole path."),
        ErrorRow(RequestDataTooBig, 413, "Payload too large", "The body is too large."),
        ErrorRow(OperationalError, 503, "Database unavailable", "The database is away. Please try again later."),
        ErrorRow(StorageUnavailable, 503, "Storage unavailable", "The storage is away. Please try again later."),
    ],
    error_descriptions={
        400: ErrorDescription(
            "Something is missing or of another form, the body is no JSON object, or a file may not be imported."
        ),
        401: ErrorDescription(
            "No token, or a wrong one; without one, the call is not from this machine or no user is set for it."
        ),
        403: ErrorDescription(
            "The caller may not have files on the server's disk read, or the folder takes no thumbnails."
        ),
        404: ErrorDescription("The caller has no album of that name, or no image of that path."),
        409: ErrorDescription("The caller has an album of that name; to delete one: several."),
    },
    always=(400, 401, 503),
    body_errors=(413,),
    no_user="Please send a token.",
    # None at all: from this machine, when the operator has set `LOCAL_LIBRARY_USER`.
    security=[{"token": []}, {"tokenParameter": []}, {}],
    security_schemes={"token": TOKEN, "tokenParameter": TOKEN_PARAMETER},
)
