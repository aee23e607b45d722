"""Checks whether the storage works: writes, reads and removes a small file under a reserved key."""

import errno
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from django.core.files.storage import default_storage

from photos.storage import PROBES, StorageUnavailable, in_bucket, read, remove, save

CONTENT = b"Pickeez checks whether it can store files."
# A bucket's error codes in plain words: the problem, and the advice.
NO_BUCKET = ("there is no such bucket", "Make the bucket, or correct AWS_STORAGE_BUCKET_NAME.")
NO_KEY = ("it knows no such access key", "Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
DENIED = ("access is denied", "Let this key list the bucket, and read, write and delete in it.")
SKEWED = ("its clock and this machine's differ too much", "Set the clock, or have it set by NTP.")
CLIENT_ERRORS = {
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
    """The storage cannot be used. `found` is the problem, `advice` says what to do."""

    def __init__(self, found: str, advice: str) -> None:
        super().__init__(found)
        self.found, self.advice = found, advice


@dataclass(frozen=True)
class Probe:
    """The result of a successful check.

    `where` names the folder or bucket, `now` is the storage's own time, `free_bytes` is None for a bucket.
    """

    where: str
    now: datetime
    free_bytes: int | None


def probe_storage() -> Probe:
    """Writes, reads and removes a small file. Raises `StorageTrouble`."""
    key = f"{PROBES}{uuid4()}"
    try:
        save(key, CONTENT)
        try:
            unchanged, now = read(key) == CONTENT, _stored_at(key)
        finally:
            remove(key)
    except FileNotFoundError as error:
        raise StorageTrouble(
            f"{_where()}: what was just stored is gone", "Check what removes files there."
        ) from error
    except StorageUnavailable as error:
        raise _explain(error.__cause__) from error
    if not unchanged:
        raise StorageTrouble(f"{_where()}: a file came back changed", "Check the disk, or what is in between.")
    free = None if in_bucket() else shutil.disk_usage(default_storage.path("")).free
    return Probe(_where(), now, free)


def _stored_at(key: str) -> datetime:
    """Returns the time at which the file was stored, or a moment later, by the storage's own clock."""
    if not in_bucket():
        return datetime.fromtimestamp(Path(default_storage.path(key)).stat().st_mtime, UTC)
    bucket = default_storage.bucket  # type: ignore[attr-defined]
    try:
        answer = bucket.meta.client.head_bucket(Bucket=bucket.name)
    except (BotoCoreError, ClientError) as error:
        raise StorageUnavailable from error
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])


def _where() -> str:
    if not in_bucket():
        return f"the folder {default_storage.path('')}"
    bucket = default_storage.bucket  # type: ignore[attr-defined]
    return f"the bucket {bucket.name} at {bucket.meta.client.meta.endpoint_url}"


def _explain(error: BaseException | None) -> StorageTrouble:
    """Translates an error of the disk or the bucket into a problem and an advice."""
    if isinstance(error, NoCredentialsError):
        return StorageTrouble("no key to the bucket is configured", NO_KEY[1])
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        found, advice = CLIENT_ERRORS.get(
            code, (f"it answers {code or error}", "See the documentation of the storage.")
        )
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
