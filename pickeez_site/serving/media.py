"""Pictures by signed URL: whoever has it can get the file, until it expires or the picture is deleted."""

import hmac
import re
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from faces.models import Selfie
from photos import storage
from photos.images import EXTENSIONS
from photos.models import ORIGINAL, Photo, Zip
from photos.services import name_of_original
from photos.verifying import is_unchanged
from pickeez_site.serving.errors import error_response
from pickeez_site.serving.ranges import FilePart, RangeNotSatisfiable, requested_range

SELFIE = "selfie"
ZIP = "zip"
DOWNLOAD = "download"  # an original, which browsers save under its name instead of showing it
RENDITION_TYPE = "image/jpeg"
ZIP_TYPE = "application/zip"
UNKNOWN_TYPE = "application/octet-stream"
HEADERS = {
    "Cache-Control": "private, max-age=3600",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PRESIGNED_FOR = timedelta(minutes=5)
MEDIA_PATH = re.compile(r"/media/([0-9a-f-]{36})/([a-z_]+)/(0|[1-9][0-9]{0,11})-([\w-]{24})(\.\w+)", re.ASCII)


class SignedPicture(NamedTuple):
    """A photo's picture as a signed path names it; the extension is not signed."""

    photo_id: UUID
    kind: str
    extension: str


@cache
def _key(secret: str) -> bytes:
    return salted_hmac("pickeez_site.media", "", secret=secret, algorithm="sha256").digest()


def _signature(key: bytes, owner_id: UUID | str, kind: str, expires: int) -> str:
    digest = hmac.digest(key, f"{owner_id}/{kind}/{expires}".encode(), "sha256")
    return urlsafe_b64encode(digest[:18]).decode()


class MediaPaths:
    """Makes signed paths of pictures, valid for one to two `MEDIA_URL_SECONDS`; each begins with `base`.

    Within one such span, a picture always gets the same path, so that clients can cache by URL. An album has tens
    of thousands of pictures, so the parts that are equal for all of them are computed once.
    """

    def __init__(self, base: str = "") -> None:
        span = settings.MEDIA_URL_SECONDS
        self._base = base + "/media"
        self._expires = (int(time.time()) // span + 2) * span
        self._key = _key(settings.SECRET_KEY)

    def rendition(self, photo_id: UUID | str, kind: str) -> str:
        return self.signed(photo_id, kind, ".jpg")

    def original(self, photo_id: UUID | str, content_type: str) -> str:
        return self.signed(photo_id, ORIGINAL, EXTENSIONS.get(content_type, ".bin"))

    def download(self, photo_id: UUID | str, content_type: str) -> str:
        return self.signed(photo_id, DOWNLOAD, EXTENSIONS.get(content_type, ".bin"))

    def selfie(self, selfie: Selfie) -> str:
        return self.signed(selfie.pk, SELFIE, EXTENSIONS.get(selfie.content_type, ".bin"))

    def signed(self, owner_id: UUID | str, kind: str, extension: str) -> str:
        signature = _signature(self._key, owner_id, kind, self._expires)
        return f"{self._base}/{owner_id}/{kind}/{self._expires}-{signature}{extension}"


def media_path(photo: Photo, kind: str) -> str:
    """The path of a rendition of the photo, or of its original."""
    if kind == ORIGINAL:
        return MediaPaths().original(photo.pk, photo.original.content_type)
    return MediaPaths().rendition(photo.pk, kind)


def extensions_of(photo: Photo, kind: str) -> set[str]:
    """The extensions that paths of this picture may have: an original has another until its type is known."""
    if kind == ORIGINAL:
        return {EXTENSIONS.get(photo.original.content_type, ".bin"), ".bin"}
    return {".jpg"}


def selfie_path(selfie: Selfie) -> str:
    return MediaPaths().selfie(selfie)


def sources_of_pictures() -> str:
    """Returns where pictures come from, in the words of a Content-Security-Policy.

    It names the bucket, if there is one: the paths of pictures redirect to it, and browsers check that, too.
    """
    in_bucket = storage.presigned_url("any", content_type=RENDITION_TYPE, seconds=PRESIGNED_FOR)
    bucket = urlsplit(in_bucket or "")
    return f"'self' {bucket.scheme}://{bucket.netloc}" if in_bucket else "'self'"


def zip_path(archive: Zip) -> str:
    """The path of an archive. It expires, at the latest, when the archive is deleted."""
    return MediaPaths().signed(archive.pk, ZIP, ".zip")


@csrf_exempt  # it changes nothing, and other methods are 405
@require_safe
def serve_media(request: HttpRequest, owner_id: str, kind: str, expires: str, signature: str) -> HttpResponseBase:
    """Serves the file of a signed URL with its true content type; 404 if the URL is not valid or the file gone."""
    expected = _signature(_key(settings.SECRET_KEY), owner_id, kind, int(expires))
    if not constant_time_compare(signature, expected) or int(expires) < time.time():
        raise Http404
    file = _find_file(owner_id, kind)
    if redirect := storage.presigned_url(
        file.key, content_type=file.content_type, seconds=PRESIGNED_FOR, file_name=file.name
    ):
        return HttpResponseRedirect(redirect)
    try:
        response = _respond(request, file, f"{owner_id}-{kind}")
    except storage.StorageUnavailable:
        return error_response(request, 503, "The storage is away. Please try again later.")
    for name, value in HEADERS.items():
        response[name] = value
    if response.status_code == 416:
        response["Cache-Control"] = "no-store"
    return response


def _respond(request: HttpRequest, file: "StoredFile", name: str) -> HttpResponseBase:
    """The file, or the part of it that the client asks for, unless the client has it already.

    Raises `Http404` and `photos.storage.StorageUnavailable`.
    """
    stored = storage.stat(file.key)
    if stored is None:
        raise Http404
    etag = f'"{name}-{stored.etag}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            response = _send(file, requested_range(request, size=stored.size, etag=etag), stored.size)
        except RangeNotSatisfiable:
            response = error_response(request, 416, "The file has no such part.")
            response["Content-Range"] = f"bytes */{stored.size}"
    response["ETag"], response["Accept-Ranges"] = etag, "bytes"
    return response


@dataclass(frozen=True)
class StoredFile:
    """The storage key and type of a file. If it has a name, browsers save it instead of showing it."""

    key: str
    content_type: str
    name: str = ""


def _find_file(owner_id: str, kind: str) -> StoredFile:
    """The stored file of a selfie, archive or photo. Raises `Http404` when it was deleted."""
    if kind == SELFIE:
        selfie = get_object_or_404(Selfie.objects.accepted(), pk=owner_id)
        return StoredFile(selfie.key, selfie.content_type)
    if kind == ZIP:
        archive = get_object_or_404(Zip.objects.downloadable(), pk=owner_id)
        return StoredFile(archive.key, ZIP_TYPE, archive.name)
    photo = get_object_or_404(Photo.objects.alive().select_related("original"), pk=owner_id)
    if kind in (ORIGINAL, DOWNLOAD):
        if not is_unchanged(photo.original):
            raise Http404
        name = name_of_original(photo) if kind == DOWNLOAD else ""
        return StoredFile(photo.original.key, photo.original.content_type or UNKNOWN_TYPE, name)
    return StoredFile(get_object_or_404(photo.original.renditions, kind=kind).key, RENDITION_TYPE)


def _send(file: StoredFile, part: range | None, size: int) -> HttpResponseBase:
    """The file or a part of it: the web server, or nginx before it, sends it without a thread of ours."""
    response: HttpResponseBase
    if settings.X_ACCEL_PREFIX and storage.local_folder():
        response = HttpResponse()  # nginx sends the file, and makes parts by itself
        response["X-Accel-Redirect"] = f"{settings.X_ACCEL_PREFIX}/{quote(file.key)}"
    elif part is None:
        response = FileResponse(_opened(file))
    else:
        response = FileResponse(FilePart(_opened(file), part), status=206)
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    response["Content-Type"] = file.content_type
    if file.name or file.content_type == UNKNOWN_TYPE:
        response["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    return response


def _opened(file: StoredFile) -> File:
    """Raises `Http404` when the file is gone."""
    try:
        return storage.open_file(file.key)
    except FileNotFoundError as error:
        raise Http404 from error


def parse_media_path(path: str) -> SignedPicture | None:
    """The picture that a signed path names; None for what `MediaPaths` has never made. It may have expired."""
    match = MEDIA_PATH.fullmatch(path)
    if match is None:
        return None
    owner_id, kind, expires, signature, extension = match.groups()
    expected = _signature(_key(settings.SECRET_KEY), owner_id, kind, int(expires))
    if not constant_time_compare(signature, expected) or not _is_uuid(owner_id):
        return None
    return SignedPicture(UUID(owner_id), kind, extension)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
