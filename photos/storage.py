"""The one place that knows how files are kept: Django's storage, on local disk or in a bucket."""

import errno
import os
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from stat import S_ISDIR
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.utils.http import content_disposition_header
from s3transfer.exceptions import RetriesExceededError

from core.outages import Outage

# The server's own area: clients register keys outside it, or uploads that they may see.
UPLOADS = "originals/"
RENDITIONS = "renditions/"
SELFIES = "selfies/"
ZIPS = "zips/"
INCOMING = "incoming/"  # where clients put files by presigned URL, before they are taken in
PROBES = "probes/"  # what is stored for a moment to see whether it can be
OWN_AREA = (UPLOADS, RENDITIONS, SELFIES, ZIPS, INCOMING, PROBES)
CHUNK = 256 * 1024
MISSING = ("404", "NoSuchKey", "NotFound")
CHANGED = ("PreconditionFailed", "412")
# What a local disk says of a key under which no file can be: that is no outage.
NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY, errno.ENAMETOOLONG, errno.ELOOP)
MAX_KEY_BYTES = 1024  # S3's limit
MAX_PATH_BYTES = 2048  # what PostgreSQL indexes in one entry, with room for the other columns


class StorageUnavailable(Outage):
    """The storage does not answer. Trying again later may help."""


class BadKey(ValueError):
    """Not a key of the configured storage; the argument says why."""


@dataclass(frozen=True)
class StoredFile:
    """What the storage knows about a file: its size in bytes, and a tag that changes with the content."""

    size: int
    etag: str


def upload_key(original_id: UUID, extension: str) -> str:
    return f"{UPLOADS}{original_id.hex[-2:]}/{original_id}{extension}"


def rendition_key(original_id: UUID, kind: str) -> str:
    return f"{RENDITIONS}{original_id.hex[-2:]}/{original_id}/{kind}.jpg"


def selfie_key(selfie_id: UUID, extension: str) -> str:
    return f"{SELFIES}{selfie_id}{extension}"


def zip_key(zip_id: UUID, claim: UUID) -> str:
    """Each attempt has its own file: a worker that was thought dead overwrites nothing."""
    return f"{ZIPS}{zip_id}/{claim}.zip"


def incoming_key(slot_id: UUID) -> str:
    return f"{INCOMING}{slot_id}"


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


def stat(key: str) -> StoredFile | None:
    """What is stored under the key; None when nothing is. Raises `StorageUnavailable`."""
    try:
        if hasattr(default_storage, "bucket"):
            return _stat_in_bucket(key)
        info = Path(default_storage.path(key)).stat()
    except SuspiciousFileOperation:
        return None
    except OSError as error:
        if error.errno in NO_FILE:
            return None
        raise StorageUnavailable from error
    if S_ISDIR(info.st_mode):
        return None
    return StoredFile(info.st_size, f"{info.st_mtime_ns:x}-{info.st_size:x}")


def check_reachable() -> None:
    """Asks for a file that is not there, which stores nothing. Raises `StorageUnavailable`.

    Of a local disk it also wants a folder to write to.
    """
    stat(f"{PROBES}none")
    if not in_bucket():
        folder = Path(default_storage.path(""))
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
            raise StorageUnavailable


def _stat_in_bucket(key: str) -> StoredFile | None:
    bucket: Any = default_storage.bucket  # type: ignore[attr-defined]
    try:
        head = bucket.meta.client.head_object(Bucket=bucket.name, Key=key)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in MISSING:
            return None
        raise StorageUnavailable from error
    except BotoCoreError as error:
        raise StorageUnavailable from error
    return StoredFile(head["ContentLength"], head["ETag"].strip('"'))


def read(key: str) -> bytes:
    """The whole file. Raises `FileNotFoundError` and `StorageUnavailable`."""
    with open_file(key) as file:
        try:
            return bytes(file.read())
        except (OSError, BotoCoreError, ClientError, RetriesExceededError) as error:
            raise StorageUnavailable from error


def open_file(key: str) -> File:
    """The file, open for reading. Raises `FileNotFoundError` and `StorageUnavailable`."""
    try:
        return default_storage.open(key, "rb")
    except SuspiciousFileOperation as error:
        raise FileNotFoundError(key) from error
    except (OSError, BotoCoreError, ClientError) as error:
        if isinstance(error, OSError) and (isinstance(error, FileNotFoundError) or error.errno in NO_FILE):
            raise FileNotFoundError(key) from error
        raise StorageUnavailable from error


def remove(key: str) -> None:
    """Removes the file, if it is there. Raises `StorageUnavailable`."""
    try:
        default_storage.delete(key)
    except (OSError, BotoCoreError, ClientError) as error:
        if not (isinstance(error, OSError) and error.errno in NO_FILE):
            raise StorageUnavailable from error


def presigned_url(key: str, *, content_type: str, seconds: timedelta, file_name: str = "") -> str | None:
    """A short-lived address of the file in its bucket; None where files are on local disk.

    With a file name browsers save it under that name in place of showing it.
    """
    if not in_bucket():
        return None
    parameters = {"ResponseContentType": content_type}
    if file_name:
        parameters["ResponseContentDisposition"] = content_disposition_header(True, file_name) or "attachment"
    url: str = default_storage.url(  # type: ignore[call-arg]
        key, parameters=parameters, expire=int(seconds.total_seconds())
    )
    return url


def in_bucket() -> bool:
    """Whether files are in a bucket, which speaks HTTP with clients itself."""
    return hasattr(default_storage, "bucket")


def create_bucket() -> bool:
    """Makes the configured bucket; False when it is there. Only in a bucket. Raises `StorageUnavailable`."""
    try:
        with _bucket() as (client, names):
            client.head_bucket(**names)
            return False
    except FileNotFoundError:
        pass
    with _bucket() as (client, names):
        region = client.meta.region_name
        # Amazon's first region is the default, and may not be named.
        named = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        client.create_bucket(**names, **named)
    return True


@contextmanager
def _bucket(key: str = "") -> Iterator[tuple[Any, dict[str, str]]]:
    """The bucket's client and the parameters that name the bucket.

    Raises `FileNotFoundError` for a key that is not there (any more) and `StorageUnavailable`.
    """
    bucket: Any = default_storage.bucket  # type: ignore[attr-defined]
    try:
        yield bucket.meta.client, {"Bucket": bucket.name}
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in (*MISSING, *CHANGED):
            raise FileNotFoundError(key) from error
        raise StorageUnavailable from error
    except (OSError, BotoCoreError) as error:
        raise StorageUnavailable from error


def presigned_upload(key: str, *, seconds: timedelta, content_type: str = "", size: int | None = None) -> str:
    """An address in the bucket to PUT one file to. Only in a bucket.

    S3 can sign the exact type and the exact size of a PUT, and no upper bound (that takes a POST form).
    """
    signed: dict[str, Any] = {"ContentType": content_type} if content_type else {}
    signed |= {"ContentLength": size} if size is not None else {}
    with _bucket(key) as (client, names):
        url: str = client.generate_presigned_url(
            "put_object", Params={**names, "Key": key, **signed}, ExpiresIn=int(seconds.total_seconds())
        )
    return url


def incoming_files() -> Iterator[dict[str, StoredFile]]:
    """The files that clients have put into the bucket, by key; one request for each 1,000 of them."""
    with _bucket(INCOMING) as (client, names):
        for page in client.get_paginator("list_objects_v2").paginate(**names, Prefix=INCOMING):
            yield {
                item["Key"]: StoredFile(item["Size"], item["ETag"].strip('"')) for item in page.get("Contents", [])
            }


def copy_incoming(key: str, target: str, *, etag: str, content_type: str) -> None:
    """Copies a file inside the bucket, if it is still the one with this tag; no byte passes through here.

    Raises `FileNotFoundError` when it is not, and `StorageUnavailable`.
    """
    with _bucket(key) as (client, names):
        client.copy_object(
            **names,
            Key=target,
            CopySource={**names, "Key": key},
            CopySourceIfMatch=etag,
            ContentType=content_type,
            MetadataDirective="REPLACE",
        )


def first_bytes(key: str, number: int) -> bytes:
    """The beginning of a file in the bucket. Raises `FileNotFoundError` and `StorageUnavailable`."""
    with _bucket(key) as (client, names):
        answer = client.get_object(**names, Key=key, Range=f"bytes=0-{number - 1}")
        return bytes(answer["Body"].read())


def chunks(key: str) -> Iterator[bytes]:
    """The file piece by piece, so that it need not fit into memory.

    Raises `FileNotFoundError` and `StorageUnavailable`.
    """
    if in_bucket():
        with _bucket(key) as (client, names):
            yield from client.get_object(**names, Key=key)["Body"].iter_chunks(CHUNK)
        return
    with open_file(key) as file:
        yield from file.chunks(CHUNK)
