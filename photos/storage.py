"""The one place that knows how files are kept: Django's storage, on local disk or in a bucket."""

import posixpath
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

# The server's own area: clients register keys outside it, or uploads that they may see.
UPLOADS = "originals/"
RENDITIONS = "renditions/"
SELFIES = "selfies/"
OWN_AREA = (UPLOADS, RENDITIONS, SELFIES, "zips/", "incoming/")
MAX_KEY_BYTES = 1024  # S3's limit
MAX_PATH_BYTES = 2048  # what PostgreSQL indexes in one entry, with room for the other columns


class StorageUnavailable(Exception):
    """The storage does not answer. Trying again later may help."""


class BadKey(ValueError):
    """Not a key of the configured storage; the argument says why."""


@dataclass(frozen=True)
class Stored:
    """What the storage knows about a file: its size in bytes, and a tag that changes with the content."""

    size: int
    etag: str


def upload_key(original_id: UUID, extension: str) -> str:
    return f"{UPLOADS}{original_id.hex[-2:]}/{original_id}{extension}"


def rendition_key(original_id: UUID, kind: str) -> str:
    return f"{RENDITIONS}{original_id.hex[-2:]}/{original_id}/{kind}.jpg"


def selfie_key(selfie_id: UUID, extension: str) -> str:
    return f"{SELFIES}{selfie_id}{extension}"


def key_of(s3_path: str) -> str:
    """The storage key that a client's path or `https://BUCKET…/KEY` URL names. Raises `BadKey`."""
    if len(s3_path.encode()) > MAX_PATH_BYTES:
        raise BadKey(f"s3_path must be at most {MAX_PATH_BYTES} bytes.")
    key = _key_of_url(s3_path) if "://" in s3_path else s3_path
    if not key or len(key.encode()) > MAX_KEY_BYTES:
        raise BadKey("s3_path must be a key of 1 to 1024 bytes.")
    if key.startswith("/") or "\\" in key or posixpath.normpath(key) != key or key.split("/")[0] in (".", ".."):
        raise BadKey("s3_path must be a plain key, without leading slash, empty, '.' or '..' parts.")
    return key


def _key_of_url(url: str) -> str:
    bucket = settings.AWS_STORAGE_BUCKET_NAME
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise BadKey("s3_path is not a URL of the configured bucket.") from error
    path = unquote(parts.path).removeprefix("/")
    host = (parts.netloc or "").rpartition("@")[2].lower()
    if parts.scheme not in ("http", "https") or not bucket:
        raise BadKey("s3_path is not a URL of the configured bucket.")
    endpoint = urlsplit(settings.AWS_S3_ENDPOINT_URL or "https://s3.amazonaws.com").netloc.lower()
    amazon = host.endswith(".amazonaws.com") and not settings.AWS_S3_ENDPOINT_URL
    if host == f"{bucket}.{endpoint}" or (amazon and host.startswith((f"{bucket}.s3.", f"{bucket}.s3-"))):
        return path
    if (host == endpoint or (amazon and host.startswith(("s3.", "s3-")))) and path.startswith(f"{bucket}/"):
        return path.removeprefix(f"{bucket}/")
    raise BadKey("s3_path is not a URL of the configured bucket.")


def in_own_area(key: str) -> bool:
    return key.casefold().startswith(OWN_AREA)


def save(key: str, content: File | bytes, content_type: str = "") -> None:
    """Stores the file under exactly this key, replacing what was there. Raises `StorageUnavailable`."""
    file = ContentFile(content) if isinstance(content, bytes) else content
    if content_type:
        file.content_type = content_type  # type: ignore[union-attr]  # django-storages sends it along
    try:
        default_storage.save(key, file)
    except (OSError, BotoCoreError, ClientError) as error:
        raise StorageUnavailable from error


def stat(key: str) -> Stored | None:
    """What is stored under the key; None when nothing is. Raises `StorageUnavailable`."""
    try:
        if hasattr(default_storage, "bucket"):
            return _stat_in_bucket(key)
        info = Path(default_storage.path(key)).stat()
    except (FileNotFoundError, NotADirectoryError, SuspiciousFileOperation):
        return None
    except OSError as error:
        raise StorageUnavailable from error
    return Stored(info.st_size, f"{info.st_mtime_ns:x}-{info.st_size:x}")


def _stat_in_bucket(key: str) -> Stored | None:
    bucket: Any = default_storage.bucket  # type: ignore[attr-defined]
    try:
        head = bucket.meta.client.head_object(Bucket=bucket.name, Key=key)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey", "NotFound"):
            return None
        raise StorageUnavailable from error
    except BotoCoreError as error:
        raise StorageUnavailable from error
    return Stored(head["ContentLength"], head["ETag"].strip('"'))


def read(key: str) -> bytes:
    """The whole file. Raises `FileNotFoundError` and `StorageUnavailable`."""
    with open_file(key) as file:
        try:
            return bytes(file.read())
        except (OSError, BotoCoreError, ClientError) as error:
            raise StorageUnavailable from error


def open_file(key: str) -> File:
    """The file, open for reading. Raises `FileNotFoundError` and `StorageUnavailable`."""
    try:
        return default_storage.open(key, "rb")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, SuspiciousFileOperation) as error:
        raise FileNotFoundError(key) from error
    except (OSError, BotoCoreError, ClientError) as error:
        raise StorageUnavailable from error


def remove(key: str) -> None:
    """Removes the file, if it is there. Raises `StorageUnavailable`."""
    try:
        default_storage.delete(key)
    except (OSError, BotoCoreError, ClientError) as error:
        raise StorageUnavailable from error


def presigned_url(key: str, *, content_type: str, seconds: timedelta) -> str | None:
    """A short-lived address of the file in its bucket; None where files are on local disk."""
    if not hasattr(default_storage, "bucket"):
        return None
    url: str = default_storage.url(  # type: ignore[call-arg]
        key, parameters={"ResponseContentType": content_type}, expire=int(seconds.total_seconds())
    )
    return url
