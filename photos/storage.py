"""Stores and reads files through Django's storage, on local disk or in a bucket."""

import errno
import os
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from stat import S_ISDIR
from urllib.parse import unquote, urlsplit
from uuid import UUID

from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.utils.http import content_disposition_header
from s3transfer.exceptions import RetriesExceededError

from core.outages import Outage

# Reserved for the server: of the keys in here, clients may register only those of uploads that they may see.
UPLOADS = "originals/"
RENDITIONS = "renditions/"
SELFIES = "selfies/"
ZIPS = "zips/"
INCOMING = "incoming/"  # where clients put files by presigned URL, until the worker copies them to `UPLOADS`
CHUNKS = "chunks/"  # parts of files that are being uploaded
PROBES = "probes/"  # small files of health checks
AWAITED = "awaited/"  # nothing is here: it stands for the key of a file that has not come
OWN_AREA = (UPLOADS, RENDITIONS, SELFIES, ZIPS, INCOMING, CHUNKS, PROBES, AWAITED)
CHUNK = 256 * 1024
MISSING = ("404", "NoSuchKey", "NotFound")
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
CHANGED = ("PreconditionFailed", "412")
# Errors of a local disk for a key that cannot name a file. These are not outages.
NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY, errno.ENAMETOOLONG, errno.ELOOP)
MAX_KEY_BYTES = 1024  # S3's limit
MAX_PATH_BYTES = 2048  # what PostgreSQL indexes in one entry, with room for the other columns


class StorageUnavailable(Outage):
    """The storage is unreachable or fails. Trying again later may help."""


class StorageFull(StorageUnavailable):
    """The disk has no room for the file. An operator must make some."""


class BadKey(ValueError):
    """This is no key of the configured storage. The argument is a reason that clients may read."""


@dataclass(frozen=True)
class StoredFile:
    """A file's size in bytes, and a tag that changes with its content."""

    size: int
    etag: str


def upload_key(original_id: UUID, extension: str) -> str:
    return f"{UPLOADS}{original_id.hex[-2:]}/{original_id}{extension}"


def rendition_key(original_id: UUID, kind: str) -> str:
    return f"{RENDITIONS}{original_id.hex[-2:]}/{original_id}/{kind}.jpg"


def selfie_key(selfie_id: UUID, extension: str) -> str:
    return f"{SELFIES}{selfie_id}{extension}"


def zip_key(zip_id: UUID, claim: UUID) -> str:
    """Returns a key for each attempt, so that a worker that lost its claim overwrites nothing."""
    return f"{ZIPS}{zip_id}/{claim}.zip"


def incoming_key(slot_id: UUID) -> str:
    return f"{INCOMING}{slot_id}"


def chunk_key(upload_id: UUID, chunk_id: UUID) -> str:
    """Returns a key for each chunk that arrives, so that of two at one offset neither overwrites the other."""
    return f"{CHUNKS}{upload_id}/{chunk_id}"


def no_key(original_id: UUID) -> str:
    """Returns a key under which there is never a file, for an original whose own file has not come."""
    return f"{AWAITED}{original_id}"


def key_of(s3_path: str) -> str:
    """Returns the storage key for a client's path or `https://BUCKET…/KEY` URL. Raises `BadKey`."""
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
    """Stores the file under exactly this key, replacing what was there.

    Raises `StorageUnavailable`, of which `StorageFull` is one.
    """
    file = ContentFile(content) if isinstance(content, bytes) else content
    if content_type:
        file.content_type = content_type  # type: ignore[union-attr]  # django-storages sends it along
    try:
        default_storage.save(key, file)
    except (OSError, BotoCoreError, ClientError) as error:
        raise unavailable(error) from error


def unavailable(error: Exception) -> StorageUnavailable:
    """Returns what a failure to write is to clients."""
    full = isinstance(error, OSError) and error.errno in NO_ROOM
    return StorageFull() if full else StorageUnavailable()


def stat(key: str) -> StoredFile | None:
    """Returns the file's size and tag; None when there is no such file. Raises `StorageUnavailable`."""
    if in_bucket():
        try:
            with _bucket(key) as (client, names):
                head = client.head_object(**names, Key=key)
        except FileNotFoundError:
            return None
        return StoredFile(head["ContentLength"], head["ETag"].strip('"'))
    try:
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
    """Checks that the storage answers, without storing anything; a local disk must have a writable folder.

    Raises `StorageUnavailable`.
    """
    stat(f"{PROBES}none")
    if not in_bucket():
        folder = Path(default_storage.path(""))
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
            raise StorageUnavailable


def read(key: str) -> bytes:
    """Returns the whole file. Raises `FileNotFoundError` and `StorageUnavailable`."""
    with open_file(key) as file:
        try:
            return bytes(file.read())
        except (OSError, BotoCoreError, ClientError, RetriesExceededError) as error:
            raise StorageUnavailable from error


def open_file(key: str) -> File:
    """Opens the file for reading. Raises `FileNotFoundError` and `StorageUnavailable`."""
    try:
        return default_storage.open(key, "rb")
    except SuspiciousFileOperation as error:
        raise FileNotFoundError(key) from error
    except (OSError, BotoCoreError, ClientError) as error:
        if isinstance(error, OSError) and (isinstance(error, FileNotFoundError) or error.errno in NO_FILE):
            raise FileNotFoundError(key) from error
        raise StorageUnavailable from error


def remove(key: str) -> None:
    """Removes the file if it exists. Raises `StorageUnavailable`."""
    try:
        default_storage.delete(key)
    except (OSError, BotoCoreError, ClientError) as error:
        if not (isinstance(error, OSError) and error.errno in NO_FILE):
            raise StorageUnavailable from error


def presigned_url(key: str, *, content_type: str, seconds: timedelta, file_name: str = "") -> str | None:
    """Returns a short-lived URL of the file in its bucket; None when files are on local disk.

    With `file_name`, browsers save the file under that name instead of showing it.
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
    """Whether files are stored in a bucket, from which clients can fetch them by HTTP."""
    return hasattr(default_storage, "bucket")


def local_folder() -> str | None:
    """Returns the path of the folder of all stored files; None when they are in a bucket."""
    return None if in_bucket() else str(default_storage.path(""))


def create_bucket() -> bool:
    """Creates the configured bucket; returns False when it exists already. Raises `StorageUnavailable`."""
    try:
        with _bucket() as (client, names):
            client.head_bucket(**names)
            return False
    except FileNotFoundError:
        pass
    with _bucket() as (client, names):
        region = client.meta.region_name
        # This region is Amazon's default, and Amazon refuses it as a constraint.
        named = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        client.create_bucket(**names, **named)
    return True


@contextmanager
def _bucket(key: str = "") -> Iterator[tuple[BaseClient, dict[str, str]]]:
    """Yields the bucket's client and the parameters that name the bucket; translates boto's errors.

    Raises `FileNotFoundError` when the key is missing or its file was replaced, and `StorageUnavailable`.
    """
    bucket = default_storage.bucket  # type: ignore[attr-defined]
    try:
        yield bucket.meta.client, {"Bucket": bucket.name}
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in (*MISSING, *CHANGED):
            raise FileNotFoundError(key) from error
        raise StorageUnavailable from error
    except (OSError, BotoCoreError) as error:
        raise StorageUnavailable from error


def presigned_upload(key: str, *, seconds: timedelta, content_type: str = "", size: int | None = None) -> str:
    """Returns a URL of the bucket to which a client can PUT one file.

    S3 can sign the exact type and the exact size of a PUT, but no upper bound (only a POST form has that).
    """
    signed: dict[str, str | int] = {"ContentType": content_type} if content_type else {}
    signed |= {"ContentLength": size} if size is not None else {}
    with _bucket(key) as (client, names):
        url: str = client.generate_presigned_url(
            "put_object", Params={**names, "Key": key, **signed}, ExpiresIn=int(seconds.total_seconds())
        )
    return url


def incoming_files() -> Iterator[dict[str, StoredFile]]:
    """Yields pages of the files that clients have put into the bucket, by key; one request for 1,000 files."""
    with _bucket(INCOMING) as (client, names):
        for page in client.get_paginator("list_objects_v2").paginate(**names, Prefix=INCOMING):
            yield {
                item["Key"]: StoredFile(item["Size"], item["ETag"].strip('"')) for item in page.get("Contents", [])
            }


def copy_incoming(key: str, target: str, *, etag: str, content_type: str) -> None:
    """Copies a file inside the bucket if it still has this tag, without downloading it.

    Raises `FileNotFoundError` when it was replaced or removed, and `StorageUnavailable`.
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
    """Returns the beginning of a file in the bucket. Raises `FileNotFoundError` and `StorageUnavailable`."""
    with _bucket(key) as (client, names):
        answer = client.get_object(**names, Key=key, Range=f"bytes=0-{number - 1}")
        return bytes(answer["Body"].read())


def chunks(key: str) -> Iterator[bytes]:
    """Yields the file in chunks, so that it need not fit into memory.

    Raises `FileNotFoundError` and `StorageUnavailable`.
    """
    if in_bucket():
        with _bucket(key) as (client, names):
            yield from client.get_object(**names, Key=key)["Body"].iter_chunks(CHUNK)
        return
    with open_file(key) as file:
        yield from file.chunks(CHUNK)
