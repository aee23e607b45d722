"""Pictures by signed URL: whoever has it can get the file, until it expires or the picture is deleted."""

import hmac
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.http import require_safe

from faces.models import Selfie
from photos import storage
from photos.images import EXTENSIONS
from photos.models import ORIGINAL, Photo, Zip
from pickeez_site.serving.errors import error_response

SELFIE = "selfie"
ZIP = "zip"
RENDITION_TYPE = "image/jpeg"
ZIP_TYPE = "application/zip"
UNKNOWN_TYPE = "application/octet-stream"
HEADERS = {
    "Cache-Control": "private, max-age=3600",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PRESIGNED_FOR = timedelta(minutes=5)


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


def selfie_path(selfie: Selfie) -> str:
    return MediaPaths().selfie(selfie)


def zip_path(archive: Zip) -> str:
    """The path of an archive. It expires, at the latest, when the archive is deleted."""
    return MediaPaths().signed(archive.pk, ZIP, ".zip")


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
    etag = f'"{owner_id}-{kind}"'
    try:
        response = get_conditional_response(request, etag=etag) or _stream(file)
    except storage.StorageUnavailable:
        return error_response(request, 503, "The storage is away. Please try again later.")
    for name, value in (HEADERS | {"ETag": etag}).items():
        response[name] = value
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
    if kind == ORIGINAL:
        return StoredFile(photo.original.key, photo.original.content_type or UNKNOWN_TYPE)
    return StoredFile(get_object_or_404(photo.original.renditions, kind=kind).key, RENDITION_TYPE)


def _stream(file: StoredFile) -> FileResponse:
    try:
        opened = storage.open_file(file.key)
    except FileNotFoundError as error:
        raise Http404 from error
    attached = bool(file.name) or file.content_type == UNKNOWN_TYPE
    return FileResponse(opened, content_type=file.content_type, as_attachment=attached, filename=file.name)


def parse_media_path(path: str) -> tuple[UUID, str] | None:
    """The photo's id and the kind of picture in a media path, signed or not; None for any other path."""
    parts = path.split("/")
    try:
        return (UUID(parts[2]), parts[3]) if parts[:2] == ["", "media"] and len(parts) == 5 else None
    except ValueError:
        return None
