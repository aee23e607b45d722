"""Trying the storage out: a small file under a key of our own is written, read back and removed."""

import errno
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from django.core.files.storage import default_storage

from photos.storage import PROBES, StorageUnavailable, in_bucket, read, remove, save

CONTENT = b"Pickeez tries whether it can store files."
# What a bucket says, in plain words: what was found, what to do.
NO_BUCKET = ("there is no such bucket", "Make the bucket, or correct AWS_STORAGE_BUCKET_NAME.")
NO_KEY = ("it knows no such access key", "Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
DENIED = ("access is denied", "Let this key list the bucket, and read, write and delete in it.")
SKEWED = ("its clock and this machine's differ too much", "Set the clock, or have it set by NTP.")
ANSWERS = {
    "NoSuchBucket": NO_BUCKET,
    "404": NO_BUCKET,
    "InvalidAccessKeyId": NO_KEY,
    "SignatureDoesNotMatch": NO_KEY,
    "AccessDenied": DENIED,
    "403": DENIED,
    "RequestTimeTooSkewed": SKEWED,
}
DISK_ERRORS = {
    errno.ENOSPC: ("it is full", "Make room."),
    errno.EDQUOT: ("the quota is used up", "Make room, or raise the quota."),
    errno.EACCES: ("this user may not write there", "Give DATA_DIR to the user who runs the server."),
    errno.EPERM: ("this user may not write there", "Give DATA_DIR to the user who runs the server."),
    errno.EROFS: ("it is mounted read-only", "Mount it for writing, or let DATA_DIR name another disk."),
}


class StorageTrouble(Exception):
    """The storage cannot be used: what was found, and what to do."""

    def __init__(self, found: str, advice: str) -> None:
        super().__init__(found)
        self.found, self.advice = found, advice


@dataclass(frozen=True)
class Probe:
    """Where files are, the time by the storage's own clock, and the free bytes of a local disk."""

    where: str
    now: datetime
    free_bytes: int | None


def probe_storage() -> Probe:
    """Writes, reads and removes a small file. Raises `StorageTrouble`."""
    key = f"{PROBES}{uuid4()}"
    try:
        save(key, CONTENT)
        try:
            came_back, now = read(key) == CONTENT, _time(key)
        finally:
            remove(key)
    except FileNotFoundError as error:
        raise StorageTrouble(
            f"{_where()}: what was just stored is gone", "Check what removes files there."
        ) from error
    except StorageUnavailable as error:
        raise _trouble(error.__cause__) from error
    if not came_back:
        raise StorageTrouble(f"{_where()}: a file came back changed", "Check the disk, or what is in between.")
    free = None if in_bucket() else shutil.disk_usage(default_storage.path("")).free
    return Probe(_where(), now, free)


def _time(key: str) -> datetime:
    """When the file was stored, or a moment later, by the clock of what stores it."""
    if not in_bucket():
        return datetime.fromtimestamp(Path(default_storage.path(key)).stat().st_mtime, UTC)
    bucket: Any = default_storage.bucket  # type: ignore[attr-defined]
    try:
        answer = bucket.meta.client.head_bucket(Bucket=bucket.name)
    except (BotoCoreError, ClientError) as error:
        raise StorageUnavailable from error
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])


def _where() -> str:
    if not in_bucket():
        return f"the folder {default_storage.path('')}"
    bucket: Any = default_storage.bucket  # type: ignore[attr-defined]
    return f"the bucket {bucket.name} at {bucket.meta.client.meta.endpoint_url}"


def _trouble(error: BaseException | None) -> StorageTrouble:
    if isinstance(error, NoCredentialsError):
        return StorageTrouble("no key to the bucket is configured", NO_KEY[1])
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        found, advice = ANSWERS.get(code, (f"it answers {code or error}", "See the documentation of the storage."))
    elif isinstance(error, OSError) and not in_bucket():
        unknown = (
            error.strerror or type(error).__name__,
            "Check the disk, and that DATA_DIR names the right one.",
        )
        found, advice = DISK_ERRORS.get(error.errno or 0, unknown)
    else:
        found = f"it cannot be reached ({type(error).__name__})"
        advice = "Check AWS_S3_ENDPOINT_URL, AWS_S3_REGION_NAME and the network."
    return StorageTrouble(f"{_where()}: {found}", advice)
