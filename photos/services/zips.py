"""Zip archives of pictures: a client requests one, the worker makes it, and it expires after a day."""

import logging
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from unicodedata import normalize
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from albums.models import Album
from core.batching import BATCH
from core.enqueueing import enqueue, send_task
from core.leases import UNCLAIMED, LeasedQuerySet, heartbeat
from photos import storage
from photos.images import EXTENSIONS
from photos.models import ORIGINAL, Original, Photo, PhotoQuerySet, Rendition, Zip, ZipEntry
from photos.services.files import keep_file, reserve_file
from photos.verifying import is_unchanged

logger = logging.getLogger(__name__)
MAX_SENT = 500  # by one sweep
MAX_NAME_BYTES = 200  # with a number and an extension it still fits every file system
MAX_EXTENSION = 10
TRIES = 3
MAX_UNFINISHED = 3  # archives of one user that `request_album_zip` has made at once
MAX_KEPT = 20  # archives of one user and album; each may be as large as the album
MAX_PHOTOS = 5_000  # in one archive
NOTED_EVERY = timedelta(seconds=1)  # how often the progress is saved
SENT_AGAIN_AFTER = timedelta(minutes=1)
# Names that Windows reserves for devices, with any extension.
DEVICES = {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))}
ENDINGS = {*EXTENSIONS.values(), ".jpeg", ".jpe", ".tiff", ".heif", ".hif", ".avifs", ".bin"}
FORBIDDEN = frozenset('<>:"/\\|?*')
COMPRESSIBLE = ("image/bmp", "image/tiff")


class TooManyZips(Exception):
    """The user has as many archives in the making as one may have."""


class ZipFailed(Exception):
    """The archive cannot be made; the argument is a reason that clients may read."""


@dataclass(frozen=True)
class RequestedPicture:
    """A picture that a client wants in an archive: `kind` is `ORIGINAL` or a rendition's; `name` is optional."""

    photo: Photo
    kind: str
    name: str = ""


@transaction.atomic
def request_zip(*, album: Album, user: User, name: str, pictures: Sequence[RequestedPicture]) -> Zip:
    """Creates an archive of the pictures, in this order and under safe, unique names. The worker makes it."""
    archive = Zip.objects.create(
        album=album,
        user=user,
        name=f"{safe_name(name).removesuffix('.zip')}.zip",
        total=len(pictures),
        expires_at=timezone.now() + timedelta(seconds=settings.ZIP_SECONDS),
    )
    names = [_name_of(picture) for picture in pictures]
    ZipEntry.objects.bulk_create(
        [
            ZipEntry(zip=archive, photo=picture.photo, kind=picture.kind, name=entry_name)
            for picture, entry_name in zip(pictures, unique_names(names), strict=True)
        ],
        batch_size=BATCH,
    )
    enqueue("photos.tasks.make_zip", str(archive.pk))
    return archive


def request_album_zip(
    *, album: Album, user: User, photos: PhotoQuerySet, part: int = 1, kind: str = ORIGINAL
) -> Zip | None:
    """Returns an archive of these photos' originals, or renditions of a kind, oldest first; None without photos.

    One of the same photos that the user has asked for already is returned again. Where a new one is too many to
    keep, the oldest is deleted. Of more photos than `MAX_PHOTOS`, `part` says which: 1 is the first. Photos that
    nobody could read are left out, and so are those that were not read yet. Raises `TooManyZips`.
    """
    there = photos.filter(album=album, original__status=Original.Status.READY).visible_to(user)
    first = (part - 1) * MAX_PHOTOS
    ordered = there.select_related("original").order_by("position", "pk")[first : first + MAX_PHOTOS]
    pictures = [RequestedPicture(photo, kind) for photo in ordered]
    if not pictures:
        return None
    current = Zip.objects.filter(user=user, expires_at__gt=timezone.now()).exclude(status=Zip.Status.FAILED)
    of_album = current.filter(album=album).order_by("-pk")
    wanted = {(picture.photo.pk, picture.kind) for picture in pictures}
    for archive in of_album.filter(total=len(pictures))[:MAX_KEPT]:
        if set(archive.entries.values_list("photo_id", "kind")) == wanted:
            return archive
    if current.filter(status=Zip.Status.NEW).count() >= MAX_UNFINISHED:
        raise TooManyZips
    surplus = list(of_album.filter(status=Zip.Status.READY).values_list("pk", flat=True)[MAX_KEPT - 1 :])
    Zip.objects.filter(pk__in=surplus).delete()
    return request_zip(album=album, user=user, name=album.name, pictures=pictures)


def _name_of(picture: RequestedPicture) -> str:
    """Returns a safe name, with the ending of a picture."""
    name = safe_name(picture.name or picture.photo.sort_order)
    is_original = picture.kind == ORIGINAL
    if PurePosixPath(name).suffix.casefold() in ENDINGS:
        named_for_original = not (is_original or picture.name)
        return str(PurePosixPath(name).with_suffix(".jpg")) if named_for_original else name
    return name + (EXTENSIONS.get(picture.photo.original.content_type, ".bin") if is_original else ".jpg")


def name_of_original(photo: Photo) -> str:
    """Returns the name under which the photo's file is saved: safe on all systems, and with its true ending."""
    return _name_of(RequestedPicture(photo, ORIGINAL))


def safe_name(name: str) -> str:
    """Returns the name without path separators and characters that some operating system cannot store.

    Composed characters (NFC) look the same on every system.
    """
    name = normalize("NFC", name)
    replaced = "".join("_" if c in FORBIDDEN or not c.isprintable() else c for c in name)
    extension = PurePosixPath(replaced).suffix
    extension = extension if len(extension) <= MAX_EXTENSION else ""
    stem = replaced.removesuffix(extension).encode()[:MAX_NAME_BYTES].decode(errors="ignore")
    plain = f"{stem}{extension}".strip(" .") or "file"
    return f"_{plain}" if plain.partition(".")[0].strip().casefold() in DEVICES else plain


def unique_names(names: Iterable[str]) -> Iterator[str]:
    """Yields each name, numbered when it occurred before: `a.jpg`, `A (2).jpg`.

    Names that differ only in case, or in how their characters are composed, are the same on some systems.
    """
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    for name in names:
        path, candidate = PurePosixPath(name), name
        while _folded(candidate) in taken:
            numbers[_folded(name)] = number = numbers.get(_folded(name), 1) + 1
            candidate = f"{path.stem} ({number}){path.suffix}"
        taken.add(_folded(candidate))
        yield candidate


def _folded(name: str) -> str:
    return normalize("NFC", normalize("NFD", name).casefold())


def build_zip(*, zip_id: UUID) -> bool:
    """Makes the archive, unless it is ready or another worker makes it; returns whether it was made."""
    token = Zip.objects.claimable().filter(tries__lt=TRIES).claim(zip_id, tries=F("tries") + 1, done=0)
    if token is None:
        return False
    claimed = Zip.objects.claimed_by(zip_id, token)
    archive = Zip.objects.select_related("user").get(pk=zip_id)
    key = storage.zip_key(zip_id, token)
    try:
        with heartbeat(claimed):
            _write_and_store(archive, key, claimed)
    except ZipFailed as error:
        claimed.update(status=Zip.Status.FAILED, error=str(error), **UNCLAIMED)
        return False
    except storage.StorageUnavailable:
        logger.warning("The storage is unreachable: archive %s is made later.", zip_id)
        claimed.update(tries=F("tries") - 1, **UNCLAIMED)
        return False
    with transaction.atomic():
        made = claimed.update(status=Zip.Status.READY, key=key, done=F("total"), **UNCLAIMED)
        if made:
            keep_file(key=key)
    return bool(made)


def _write_and_store(archive: Zip, key: str, claimed: LeasedQuerySet[Zip]) -> None:
    """Writes the archive to a temporary file and stores that; only a chunk of a picture is in memory at a time.

    The temporary file has no name, so that the system removes it if this process dies.
    """
    with tempfile.TemporaryFile(dir=settings.DATA_DIR) as file:
        with zipfile.ZipFile(file, "w", strict_timestamps=False) as target:
            _write_entries(target, archive, claimed)
        reserve_file(key=key)
        file.seek(0)
        storage.save(key, File(file, name=archive.name), "application/zip")


def _write_entries(target: zipfile.ZipFile, archive: Zip, claimed: LeasedQuerySet[Zip]) -> None:
    """Writes all entries whose photos the user may still see, and saves the progress."""
    noted = timezone.now()
    requested = archive.entries.exclude(kind=ORIGINAL)
    renditions = Rendition.objects.filter(
        original__in=requested.values("photo__original"), kind__in=requested.values("kind")
    ).values_list("original_id", "kind", "key")
    keys = {(original_id, kind): key for original_id, kind, key in renditions}
    visible = Photo.objects.visible_to(archive.user)
    entries = archive.entries.filter(photo__in=visible).select_related("photo__original").order_by("pk")
    for done, entry in enumerate(entries.iterator(chunk_size=BATCH)):
        if timezone.now() - noted > NOTED_EVERY:
            noted = timezone.now()
            claimed.update(done=done)
        original = entry.photo.original
        key = original.key if entry.kind == ORIGINAL else keys.get((original.pk, entry.kind), "")
        try:
            if entry.kind == ORIGINAL and not is_unchanged(original):
                raise ZipFailed(f"The file of {entry.name} was changed in the storage.")
            _write_entry(target, entry, key)
        except FileNotFoundError as error:
            raise ZipFailed(f"The file of {entry.name} is not in the storage.") from error


def _write_entry(target: zipfile.ZipFile, entry: ZipEntry, key: str) -> None:
    """Raises `FileNotFoundError` and `photos.storage.StorageUnavailable`."""
    original = entry.photo.original
    compressible = entry.kind == ORIGINAL and original.content_type in COMPRESSIBLE
    time = original.taken_locally or _told_time(entry.photo) or entry.photo.created_at
    year = min(max(time.year, 1980), 2107)  # the format has no other years
    info = zipfile.ZipInfo(entry.name, (year, time.month, time.day, time.hour, time.minute, time.second))
    info.compress_type = zipfile.ZIP_DEFLATED if compressible else zipfile.ZIP_STORED
    info.external_attr = 0o644 << 16
    with target.open(info, "w") as file:
        for chunk in storage.chunks(key):
            file.write(chunk)


def _told_time(photo: Photo) -> datetime | None:
    """Returns the local time that a client has told in ISO 8601, if it has."""
    for told in (photo.local_creation_date, photo.photo_creation_date):
        with suppress(ValueError):
            return datetime.fromisoformat(told)
    return None


def delete_zips_with(*, photo_ids: Iterable[UUID]) -> None:
    """Deletes archives that contain one of the photos; `photo_ids` may be a query."""
    Zip.objects.filter(entries__photo__in=photo_ids).delete()


def clean_up_zips() -> None:
    """Deletes expired archives, fails those whose worker died in every try, and sends lost ones again."""
    Zip.objects.filter(expires_at__lte=timezone.now()).delete()
    reason = f"Given up: it was not made in {TRIES} tries."
    Zip.objects.claimable().filter(tries__gte=TRIES).update(status=Zip.Status.FAILED, error=reason, **UNCLAIMED)
    unsent = Q(created_at__lt=timezone.now() - SENT_AGAIN_AFTER) | Q(claim__isnull=False)
    lost = Zip.objects.claimable().filter(unsent).order_by("created_at")
    for zip_id in lost.values_list("pk", flat=True)[:MAX_SENT]:
        send_task("photos.tasks.make_zip", str(zip_id))
