"""Forms whose end has arrived: Django takes what there is of one that was cut off."""

from typing import IO, Any

from django.core.exceptions import SuspiciousOperation, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.http import parse_header_parameters

FORM_OVERHEAD = 1024 * 1024  # bytes for the other fields and the boundaries of a form with a photo
# RFC 2046 allows boundaries of 70 characters, Django of 201; with dashes and line ends around them.
MAX_BOUNDARY = 256


class Tail:
    """A stream whose last bytes are remembered."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._last = b""

    def read(self, size: int) -> bytes:
        chunk: bytes = self._stream.read(size)
        self._last = (self._last + chunk)[-MAX_BOUNDARY:]
        return chunk

    def ends_form(self, boundary: str) -> bool:
        """Whether the last bytes are the end of a form with this boundary."""
        return self._last.rstrip().endswith(f"--{boundary}--".encode())


class WholeFormHandler(TemporaryFileUploadHandler):
    """Puts all files of a form on disk, and raises `MultiPartParserError` for a form that was cut off."""

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, Any],  # noqa: N803 - Django's name
        content_length: int,
        boundary: Any,  # bytes, though the types of Django say otherwise
        encoding: str | None = None,
    ) -> tuple[Any, Any]:
        stream: Any = Tail(input_data)
        form = MultiPartParser(META, stream, [TemporaryFileUploadHandler()], encoding).parse()
        if not stream.ends_form(boundary.decode()):
            raise MultiPartParserError("The form did not arrive whole.")
        return form


class FormRefused(ValidationError):
    """The form is not valid, did not arrive whole, or has not exactly one file."""


def file_of_form(source: IO[bytes], *, content_type: str, length: int) -> UploadedFile:
    """The one file of a multipart form of `length` bytes, on disk; its `content_type` names the boundary.

    Raises `FormRefused`, and what reading the source raises.
    """
    stream: Any = Tail(source)
    meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": length}
    try:
        _, found = MultiPartParser(meta, stream, [TemporaryFileUploadHandler()]).parse()
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise FormRefused("The form is not valid, or did not arrive whole.") from error
    files = [file for _, several in found.lists() for file in several]
    _, options = parse_header_parameters(content_type)
    is_whole = stream.ends_form(options["boundary"])
    if is_whole and len(files) == 1:
        return files[0]
    for file in files:
        file.close()
    raise FormRefused("The form must have exactly one file." if is_whole else "The file did not arrive whole.")
