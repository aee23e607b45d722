"""Resumable uploads into an album by the tus protocol, version 1.0.0 (https://tus.io/protocols/resumable-upload).

The core, and the extensions in `EXTENSIONS`. The script of `gallery:add` is a client of it; others are welcome who
have the session's cookie and the CSRF token. Errors are `{"error": words}`.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _

from albums.services import LookOnly
from photos import storage
from photos.models import ResumableUpload
from photos.services import (
    FileRefused,
    PictureRemoved,
    TooManyUploads,
    WrongOffset,
    abandon_upload,
    begin_upload,
    receive_chunk,
)
from pickeez_site.gallery.views.base import AlbumView
from pickeez_site.gallery.views.words import refusal_in_words
from pickeez_site.serving.body_limit import OFFSET_STREAM

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
CHECKSUMS = ("sha256", "sha1")  # the protocol demands SHA-1; it guards against accidents only
CHECKSUM_MISMATCH = 460  # the protocol's own status
PIECE = 64 * 1024
STATUS_OF_REFUSAL = {"empty": 400, "too_large": 413, "wrong_type": 415, "mismatch": CHECKSUM_MISMATCH}
NUMBER = re.compile(r"[0-9]{1,18}")
SHA256 = re.compile(r"[0-9a-f]{64}")


class _Refused(Exception):
    """The request is not accepted. The arguments are words for people and the HTTP status."""


class TusView(AlbumView):
    """What the requests of the protocol share: its version, and errors as JSON whatever the client accepts."""

    @property
    def wants_json(self) -> bool:
        return True

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method == "POST" and (method := request.headers.get("X-HTTP-Method-Override")):
            request.method = method.upper()  # the protocol demands it, for proxies that know no PATCH
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Tus-Resumable"] = VERSION
        return response

    def answer(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            response = self.refused(_("This server speaks version 1.0.0 of the protocol."), status=412)
            response.headers["Tus-Version"] = VERSION
            return response
        try:
            return super().answer(request, *args, **kwargs)
        except _Refused as error:
            words, status = error.args
        except FileRefused as error:
            words, status = refusal_in_words(error), STATUS_OF_REFUSAL[error.code or ""]
        except (PictureRemoved, LookOnly) as error:
            words, status = refusal_in_words(error), HTTPStatus.FORBIDDEN
        except TooManyUploads:
            words = _("Too many uploads were begun and not finished. Finish some of them, or try again tomorrow.")
            status = HTTPStatus.TOO_MANY_REQUESTS
        except WrongOffset as error:
            response = self.refused(_("Some of this has arrived already."), status=409)
            response.headers["Upload-Offset"] = str(error.offset)
            return response
        return self.refused(words, status=status)

    def options(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return HttpResponse(
            status=204,
            headers={
                "Tus-Version": VERSION,
                "Tus-Extension": EXTENSIONS,
                "Tus-Max-Size": str(settings.MAX_PHOTO_BYTES),
                "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
            },
        )

    def progress(self, upload: ResumableUpload, *, status: int = 204) -> HttpResponse:
        """Answers how much of an upload has arrived, and which photo it is when all has."""
        headers = {"Upload-Offset": str(upload.offset), "Upload-Expires": http_date(upload.expires_at.timestamp())}
        if upload.photo_id:
            headers["Photo-Id"] = str(upload.photo_id)
        return HttpResponse(status=status, headers=headers)


class UploadsView(TusView):
    """Creates uploads."""

    def post(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        metadata = _metadata(request)
        sha256 = metadata.get("sha256", "").lower()
        if sha256 and not SHA256.fullmatch(sha256):
            raise _Refused(_("The metadata sha256 has to be 64 hexadecimal digits."), 400)
        upload = begin_upload(
            album=self.album,
            user=self.viewer,
            name=metadata.get("filename", ""),
            size=_number(request, "Upload-Length"),
            sha256=sha256,
        )
        if request.content_type == OFFSET_STREAM and upload.photo_id is None:
            upload = _receive(request, upload, offset=0)
        response = self.progress(upload, status=201)
        response.headers["Location"] = reverse("gallery:upload", args=[self.album.pk, upload.pk])
        return response


class UploadView(TusView):
    """One upload, for who has begun it; for others it does not exist."""

    def head(self, request: HttpRequest, album_id: UUID, upload_id: UUID) -> HttpResponse:
        upload = self._upload(upload_id)
        response = self.progress(upload, status=200)
        response.headers["Upload-Length"] = str(upload.size)
        return response

    def patch(self, request: HttpRequest, album_id: UUID, upload_id: UUID) -> HttpResponse:
        if request.content_type != OFFSET_STREAM:
            raise _Refused(_("The Content-Type has to be application/offset+octet-stream."), 415)
        offset = _number(request, "Upload-Offset")
        return self.progress(_receive(request, self._upload(upload_id), offset=offset))

    def delete(self, request: HttpRequest, album_id: UUID, upload_id: UUID) -> HttpResponse:
        abandon_upload(upload=self._upload(upload_id))
        return HttpResponse(status=204)

    def _upload(self, upload_id: UUID) -> ResumableUpload:
        own = ResumableUpload.objects.in_time().filter(album=self.album, user=self.viewer)
        return own.select_related("album", "user").get(pk=upload_id)


def _number(request: HttpRequest, header: str) -> int:
    value = request.headers.get(header, "")
    if not NUMBER.fullmatch(value):
        raise _Refused(_("The header %(header)s has to be a number of bytes.") % {"header": header}, 400)
    return int(value)


def _metadata(request: HttpRequest) -> Mapping[str, str]:
    """Returns what `Upload-Metadata` says: names and values, which are base64 of UTF-8."""
    found = {}
    for pair in filter(str.strip, request.headers.get("Upload-Metadata", "").split(",")):
        name, _space, value = pair.strip().partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError) as error:
            raise _Refused(_("The header Upload-Metadata is not valid."), 400) from error
    return found


def _receive(request: HttpRequest, upload: ResumableUpload, *, offset: int) -> ResumableUpload:
    """Adds the request's body to the upload: as much of it as arrives.

    Raises `_Refused`, what `receive_chunk` raises, and `photos.storage.StorageFull`.
    """
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if offset == upload.offset and length > upload.size - offset:
        raise _Refused(_("The file is longer than was announced."), 413)
    with TemporaryUploadedFile("photo", "", 0, None) as body:
        _copy_body(request, body, length)
        return receive_chunk(upload=upload, offset=offset, file=body)


def _copy_body(request: HttpRequest, body: TemporaryUploadedFile, length: int) -> None:
    """Writes what arrives of the request's body to the file on disk; a body with a checksum must arrive whole."""
    algorithm, _space, told = request.headers.get("Upload-Checksum", "").partition(" ")
    if algorithm and algorithm not in CHECKSUMS:
        raise _Refused(_("This checksum is not known here."), 400)
    digest = hashlib.new(algorithm or "sha256", usedforsecurity=False)
    try:
        while piece := _read_piece(request):
            digest.update(piece)
            body.write(piece)
        body.flush()
    except OSError as error:
        raise storage.unavailable(error) from error
    body.size = body.tell()
    if algorithm and (body.size != length or base64.b64encode(digest.digest()).decode() != told.strip()):
        raise _Refused(_("A part did not arrive as it was sent."), CHECKSUM_MISMATCH)


def _read_piece(request: HttpRequest) -> bytes:
    """Returns the next piece of the body; none when the connection was cut. What came before it is kept."""
    try:
        return request.read(PIECE)
    except UnreadablePostError:
        return b""
