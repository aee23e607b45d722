"""Uploads by presigned URL: a URL of the bucket, or, with files on local disk, one of ours under `/uploads/`.

Our URL signs the slot, the expiry, the maximum size and the type. S3 signs the key, the expiry, and, if they are
known beforehand, the type and the exact size. What S3 cannot sign is checked when the file has arrived.
"""

from typing import IO, cast
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import HttpRequest, JsonResponse, UnreadablePostError
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from albums.services import LookOnly
from photos import storage
from photos.forms import FormRefused, file_of_form
from photos.models import UploadSlot
from photos.services import FileRefused, PictureRemoved, SlotTaken, fill_slot, sort_order_of
from pickeez_site.serving.errors import UNCACHED

SALT = "pickeez_site.uploads"
CHUNK_BYTES = 64 * 1024
STATUS_OF_REFUSAL = {"empty": 400, "too_large": 413, "wrong_type": 415}


class _UploadRefused(Exception):
    """The request is not accepted. The arguments are the HTTP status and a message for the client."""


def upload_url(slot: UploadSlot, *, exact_size: bool = False) -> str:
    """The URL to PUT the slot's file to. With `exact_size`, S3 accepts exactly `max_bytes` and nothing else."""
    if storage.in_bucket():
        return storage.presigned_upload(
            slot.key,
            seconds=slot.expires_at - timezone.now(),
            content_type=slot.content_type,
            size=slot.max_bytes if exact_size else None,
        )
    expires = int(slot.expires_at.timestamp())
    signed = signing.dumps([str(slot.pk), expires, slot.max_bytes, slot.content_type], salt=SALT)
    return settings.PUBLIC_URL + reverse("upload", args=[signed])


def _envelope(words: str, status: int) -> dict[str, object]:
    return {"Error": words}


@csrf_exempt
def receive_upload(request: HttpRequest, signed: str) -> JsonResponse:
    """Stores the request's body, or the file in its form, as the slot's file, if all of it arrives."""
    try:
        slot_id, max_bytes = _read_signed(request, signed)
        if request.content_type == "multipart/form-data":
            file, sort_order = _receive_form(request, max_bytes)
        else:
            file, sort_order = _receive_body(request, max_bytes), ""
        with file:
            photo = fill_slot(slot_id=slot_id, file=file, sort_order=sort_order)
            return JsonResponse({"PhotoId": str(photo.pk)}, headers=UNCACHED)
    except _UploadRefused as error:
        status, words = error.args
    except FileRefused as error:
        status, words = STATUS_OF_REFUSAL[error.code or ""], error.messages[0]
    except SlotTaken as error:
        status, words = 409, str(error)
    except (PictureRemoved, LookOnly) as error:
        status, words = 403, str(error)
    except ObjectDoesNotExist:
        status, words = 404, "Not found."
    except storage.StorageUnavailable:
        status, words = 503, "The storage is away. Please try again later."
    return JsonResponse(
        _envelope(words, status), status=status, headers=UNCACHED | ({"Allow": "PUT"} if status == 405 else {})
    )


receive_upload.envelope = _envelope  # type: ignore[attr-defined]


def _read_signed(request: HttpRequest, signed: str) -> tuple[UUID, int]:
    """The slot's id and the maximum size from the signed URL. The type is checked later, with the content."""
    if request.method != "PUT":
        raise _UploadRefused(405, "Files are sent here by PUT.")
    try:
        slot_id, expires, max_bytes, _content_type = signing.loads(signed, salt=SALT)
    except signing.BadSignature as error:
        raise _UploadRefused(403, "This upload URL is not ours.") from error
    if expires < timezone.now().timestamp():
        raise _UploadRefused(403, "This upload URL has expired.")
    return UUID(slot_id), max_bytes


def _receive_body(request: HttpRequest, max_bytes: int) -> TemporaryUploadedFile:
    """The request's body as a file on disk. Raises `_UploadRefused` when it is too large or not complete."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > max_bytes:
        raise _UploadRefused(413, f"The file is larger than {max_bytes} bytes.")
    file = TemporaryUploadedFile("upload", "", 0, None)
    try:
        while chunk := request.read(CHUNK_BYTES):
            file.write(chunk)
    except UnreadablePostError as error:
        file.close()
        raise _UploadRefused(400, "The file did not arrive whole.") from error
    file.size = file.tell()
    if file.size != length:
        file.close()
        raise _UploadRefused(400, "The file did not arrive whole.")
    return file


def _receive_form(request: HttpRequest, max_bytes: int) -> tuple[UploadedFile, str]:
    """The one file of a form, and its sort order, which is its name. Raises `_UploadRefused`."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    try:
        file = file_of_form(cast("IO[bytes]", request), content_type=request.META["CONTENT_TYPE"], length=length)
    except FormRefused as error:
        raise _UploadRefused(400, error.messages[0]) from error
    except UnreadablePostError as error:
        raise _UploadRefused(400, "The form is not valid, or did not arrive whole.") from error
    if (file.size or 0) > max_bytes:
        file.close()
        raise _UploadRefused(413, f"The file is larger than {max_bytes} bytes.")
    return file, sort_order_of(file.name or "")
