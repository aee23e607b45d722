"""Archives of pictures: asked for by a client, made by the worker, kept for a day."""

import logging
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
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
from photos.models import ORIGINAL, Photo, Rendition, Zip, ZipEntry
from photos.services.files import keep_file, reserve_file

logger = logging.getLogger(__name__)
MAX_SENT = 500  # by one sweep
MAX_NAME_BYTES = 200  # with a number and an ending it is still a name that every file system takes
MAX_ENDING = 10
TRIES = 3
NOTED_EVERY = timedelta(seconds=1)
SENT_AGAIN_AFTER = timedelta(minutes=1)
# Names that Windows keeps for devices, whatever their ending.
DEVICES = {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))}
FORBIDDEN = frozenset('<>:"/\\|?*')
COMPRESSIBLE = ("image/bmp", "image/tiff")


class ZipFailed(Exception):
    """The archive cannot be made; the argument is a reason that clients may read."""


@dataclass(frozen=True)
class RequestedPicture:
    """A picture that shall be in an archive: `kind` is `ORIGINAL` or a rendition's; the name is the client's."""

    photo: Photo
    kind: str
    name: str = ""


@transaction.atomic
def request_zip(*, album: Album, user: User, name: str, pictures: Sequence[RequestedPicture]) -> Zip:
    """Has the worker make an archive of the pictures, in this order and with safe names of their own."""
    archive = Zip.objects.create(
        album=album,
        user=user,
        name=f"{safe_name(name).removesuffix('.zip')}.zip",
        total=len(pictures),
        expires_at=timezone.now() + timedelta(seconds=settings.ZIP_SECONDS),
    )
    names = unique_names(
        safe_name(picture.name or picture.photo.sort_order) + _missing_ending(picture) for picture in pictures
    )
    ZipEntry.objects.bulk_create(
        [
            ZipEntry(zip=archive, photo=picture.photo, kind=picture.kind, name=entry_name)
            for picture, entry_name in zip(pictures, names, strict=True)
        ],
        batch_size=BATCH,
    )
    enqueue("photos.tasks.make_zip", str(archive.pk))
    return archive


def _missing_ending(picture: RequestedPicture) -> str:
    ending = EXTENSIONS.get(picture.photo.original.content_type, "") if picture.kind == ORIGINAL else ".jpg"
    return "" if PurePosixPath(picture.name).suffix else ending


def safe_name(name: str) -> str:
    """The name without what could lead out of a folder, or what some system cannot store."""
    kept_characters = "".join("_" if c in FORBIDDEN or not c.isprintable() else c for c in name)
    ending = PurePosixPath(kept_characters).suffix
    ending = ending if len(ending) <= MAX_ENDING else ""
    stem = kept_characters.removesuffix(ending).encode()[:MAX_NAME_BYTES].decode(errors="ignore")
    plain = f"{stem}{ending}".strip(" .") or "file"
    return f"_{plain}" if plain.partition(".")[0].strip().casefold() in DEVICES else plain


def unique_names(names: Iterable[str]) -> Iterator[str]:
    """Each name, with a number where it was there before, in whatever capitals: `a.jpg`, `A (2).jpg`."""
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    for name in names:
        path, candidate = PurePosixPath(name), name
        while candidate.casefold() in taken:
            numbers[name.casefold()] = number = numbers.get(name.casefold(), 1) + 1
            candidate = f"{path.stem} ({number}){path.suffix}"
        taken.add(candidate.casefold())
        yield candidate


def build_zip(*, zip_id: UUID) -> bool:
    """Makes the archive, if it is not made yet and nobody else is at it; True when it has made it."""
    token = Zip.objects.claimable().filter(tries__lt=TRIES).claim(zip_id, tries=F("tries") + 1, done=0)
    if token is None:
        return False
    held = Zip.objects.claimed_by(zip_id, token)
    archive = Zip.objects.select_related("user").get(pk=zip_id)
    key = storage.zip_key(zip_id, token)
    try:
        with heartbeat(held):
            _store(archive, key, held)
    except ZipFailed as error:
        held.update(status=Zip.Status.FAILED, error=str(error), **UNCLAIMED)
        return False
    except storage.StorageUnavailable:
        logger.warning("The storage is away: archive %s waits.", zip_id)
        held.update(tries=F("tries") - 1, **UNCLAIMED)
        return False
    return _finish(held, key)


@transaction.atomic
def _finish(held: LeasedQuerySet[Zip], key: str) -> bool:
    made = held.update(status=Zip.Status.READY, key=key, done=F("total"), **UNCLAIMED)
    if made:
        keep_file(key=key)
    return bool(made)


def _store(archive: Zip, key: str, held: LeasedQuerySet[Zip]) -> None:
    """Writes the archive to a file on disk, then to the storage: a piece of one picture is in memory at a time.

    The file on disk has no name, so that nothing of it is left if this process dies.
    """
    with tempfile.TemporaryFile(dir=settings.DATA_DIR) as file:
        with zipfile.ZipFile(file, "w", strict_timestamps=False) as target:
            _write(target, archive, held)
        reserve_file(key=key)
        file.seek(0)
        storage.save(key, File(file, name=archive.name), "application/zip")


def _write(target: zipfile.ZipFile, archive: Zip, held: LeasedQuerySet[Zip]) -> None:
    noted = timezone.now()
    keys = _rendition_keys(archive)
    visible = Photo.objects.visible_to(archive.user)
    entries = archive.entries.filter(photo__in=visible).select_related("photo__original").order_by("pk")
    for done, entry in enumerate(entries.iterator(chunk_size=BATCH)):
        if timezone.now() - noted > NOTED_EVERY:
            noted = timezone.now()
            held.update(done=done)
        original = entry.photo.original
        _add(target, entry, original.key if entry.kind == ORIGINAL else keys.get((original.pk, entry.kind), ""))


def _rendition_keys(archive: Zip) -> dict[tuple[UUID, str], str]:
    wanted = archive.entries.exclude(kind=ORIGINAL)
    renditions = Rendition.objects.filter(
        original__in=wanted.values("photo__original"), kind__in=wanted.values("kind")
    ).values_list("original_id", "kind", "key")
    return {(original_id, kind): key for original_id, kind, key in renditions}


def _add(target: zipfile.ZipFile, entry: ZipEntry, key: str) -> None:
    original = entry.photo.original
    compressible = entry.kind == ORIGINAL and original.content_type in COMPRESSIBLE
    info = zipfile.ZipInfo(entry.name, _date_of(original.taken_at or entry.photo.created_at))
    info.compress_type = zipfile.ZIP_DEFLATED if compressible else zipfile.ZIP_STORED
    info.external_attr = 0o644 << 16
    try:
        with target.open(info, "w") as file:
            for chunk in storage.chunks(key):
                file.write(chunk)
    except FileNotFoundError as error:
        raise ZipFailed(f"The file of {entry.name} is not in the storage.") from error


def _date_of(time: datetime) -> tuple[int, int, int, int, int, int]:
    """Archives know no year before 1980 or after 2107."""
    return (min(max(time.year, 1980), 2107), time.month, time.day, time.hour, time.minute, time.second)


def delete_zips_with(*, photo_ids: Iterable[UUID]) -> None:
    """Archives that hold one of the photos are gone: it is not to be seen any more. A query of ids will do."""
    Zip.objects.filter(entries__photo__in=photo_ids).delete()


def clean_up_zips() -> None:
    """Ends archives whose day is over or that took their worker with them; sends again those that were lost."""
    Zip.objects.filter(expires_at__lte=timezone.now()).delete()
    reason = f"Given up: it was not made in {TRIES} tries."
    Zip.objects.claimable().filter(tries__gte=TRIES).update(status=Zip.Status.FAILED, error=reason, **UNCLAIMED)
    unsent = Q(created_at__lt=timezone.now() - SENT_AGAIN_AFTER) | Q(claim__isnull=False)
    lost = Zip.objects.claimable().filter(unsent).order_by("created_at")
    for zip_id in lost.values_list("pk", flat=True)[:MAX_SENT]:
        send_task("photos.tasks.make_zip", str(zip_id))
