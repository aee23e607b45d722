"""Copies of a library's looks on the local disk, packed, so that a pass over them is one read and one product.

Measured on 120,000 looks of 192 numbers (92 MB), for one face: 24 ms of CPU from such a file, 75 ms from packed
rows of SQLite, 60 ms from PostgreSQL in binary (which waits for three times that; much longer as Django reads
them). An index in the database, such as pgvector's, becomes worth its installation where libraries have millions
of strangers.
"""

import fcntl
import hashlib
import os
import struct
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db.models import Max, QuerySet

from core.batching import BATCH, batched
from faces.index.base import Floats, Ints, Queries
from faces.models import EMBEDDING_TYPE, FaceLibrary, Look

# Of the file: its kind, the numbers of each record, the library's version up to which it is a copy, and its birth.
HEADER = struct.Struct("<8sQqd")
NOTHING = -1  # the version of a new copy
KIND = b"looks 1\n"
# A slot without a look: its product with any face is far below what counts.
NO_LOOK = np.float32(-1e30)
# Looks and faces of one product. The 1.6 MB of looks that are read at once stay in a core's cache.
ROWS, COLUMNS = 2048, 256
SLACK = 1e-4  # of squared distances, for the rounding of products
# A copy is made anew after this. So it forgets erased faces, and whatever a crash of the machine has left in it.
MADE_ANEW_AFTER = 24 * 3600.0
# Copies that nobody has used for this long are of libraries that are no more, or of an older engine.
FORGOTTEN_AFTER = 2 * MADE_ANEW_AFTER
UPDATED = ("version", "person", "face", "faces", "mean", "square")


class PackedCopies:
    """Keeps a packed copy of each library's looks in `LOOKS_DIR`, and updates it from the rows that changed.

    What it finds in a copy, it reads from the database: so a copy may contain looks that are no more.
    """

    def add(self, looks: Sequence[Look], *, version: int) -> None:
        new = [look for look in looks if look.slot is None]
        if new:
            same_kind = Look.objects.filter(owner=new[0].owner_id, engine=new[0].engine)
            free = list(same_kind.filter(person=None, face=None).values_list("slot", flat=True)[: len(new)])
            last = same_kind.aggregate(last=Max("slot"))["last"]
            first = 0 if last is None else last + 1
            for look, slot in zip(new, [*free, *range(first, first + len(new))], strict=False):
                look.slot = slot
        for look in looks:
            look.pk, look.version = None, version
        Look.objects.bulk_create(
            looks,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["owner", "engine", "slot"],
            update_fields=UPDATED,
        )

    def remove(self, look_ids: Collection[int], *, version: int) -> None:
        for ids in batched(look_ids):
            Look.objects.filter(pk__in=ids).update(person=None, face=None, faces=0, version=version)

    def near(self, owner_id: UUID, engine: str, queries: Queries, within: float) -> list[Look]:
        with _updated_copy(owner_id, engine, queries.means.shape[1]) as copy:
            slots = _slots_near(copy, queries, within)
        found: list[Look] = []
        for batch in batched(slots.tolist()):
            rows = Look.objects.filter(owner=owner_id, engine=engine, slot__in=batch)
            found += rows.exclude(person=None, face=None)
        return found

    def forget(self, owner_id: UUID) -> None:
        for path in _folder().glob(f"{owner_id}.*"):
            path.unlink(missing_ok=True)


def _folder() -> Path:
    return Path(settings.LOOKS_DIR)


@contextmanager
def _updated_copy(owner_id: UUID, engine: str, dimensions: int) -> Iterator[int]:
    """Yields the descriptor of the library's copy, with all that is committed; others may update it further."""
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    path = _folder() / f"{owner_id}.{hashlib.sha256(engine.encode()).hexdigest()[:16]}"
    looks = Look.objects.filter(owner=owner_id, engine=engine)
    version = FaceLibrary.objects.filter(pk=owner_id).values_list("version", flat=True).first() or 0
    with path.with_suffix(f"{path.suffix}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        copy = _open_valid(path, version, dimensions)
        if copy is None:
            copy = _make_copy(path, looks, version, dimensions)
        else:
            _write_changes(copy, looks, version, dimensions)
    try:
        yield copy
    finally:
        os.close(copy)


def _open_valid(path: Path, version: int, dimensions: int) -> int | None:
    """Opens the copy; returns None when there is none that can be used, or the database is older than it."""
    try:
        copy = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    header = os.pread(copy, HEADER.size, 0)
    if len(header) == HEADER.size:
        kind, numbers, copied, birth = HEADER.unpack(header)
        is_fresh = 0 <= time.time() - birth < MADE_ANEW_AFTER
        if (kind, numbers) == (KIND, dimensions + 1) and copied <= version and is_fresh:
            return copy
    os.close(copy)
    return None


def _make_copy(path: Path, looks: QuerySet[Look], version: int, dimensions: int) -> int:
    """Writes a new copy beside the old one, which other processes may be reading, and replaces it."""
    for old in path.parent.iterdir():
        with suppress(FileNotFoundError):  # another process was quicker
            if time.time() - old.stat().st_mtime > FORGOTTEN_AFTER:
                old.unlink()
    new = path.with_suffix(f"{path.suffix}.new")
    copy = os.open(new, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    os.pwrite(copy, HEADER.pack(KIND, dimensions + 1, NOTHING, time.time()), 0)
    _write_changes(copy, looks, version, dimensions)
    new.replace(path)
    return copy


def _write_changes(copy: int, looks: QuerySet[Look], version: int, dimensions: int) -> None:
    """Writes the looks that have changed since the copy's version, and then the version that it has now.

    Looks that are newer than that are written again the next time.
    """
    numbers = dimensions + 1
    _, _, copied, birth = HEADER.unpack(os.pread(copy, HEADER.size, 0))
    if copied == version:
        return
    changed = looks.filter(version__gt=copied).order_by("slot")
    rows = changed.values_list("slot", "faces", "mean", "square").iterator(chunk_size=BATCH)
    for batch in batched(rows):
        places = np.array([row[0] for row in batch], np.int64)
        records = np.tile(_record_without_look(numbers), (len(batch), 1))
        for record, (_, faces, mean, square) in zip(records, batch, strict=True):
            if faces:
                record[:-1], record[-1] = np.frombuffer(mean, EMBEDDING_TYPE), -square / 2
        _extend(copy, int(places[-1]), numbers)
        for run in np.split(np.arange(len(places)), np.flatnonzero(np.diff(places) > 1) + 1):
            os.pwrite(copy, records[run].tobytes(), HEADER.size + 4 * numbers * int(places[run[0]]))
    os.pwrite(copy, HEADER.pack(KIND, numbers, version, birth), 0)


def _record_without_look(numbers: int) -> Floats:
    record = np.zeros(numbers, np.float32)
    record[-1] = NO_LOOK
    return record


def _extend(copy: int, slots: int, numbers: int) -> None:
    """Makes the copy at least that many slots long; new ones have no look."""
    size = 4 * numbers
    present = (os.fstat(copy).st_size - HEADER.size) // size
    for start in range(present, slots, ROWS):
        filler = _record_without_look(numbers).tobytes() * min(ROWS, slots - start)
        os.pwrite(copy, filler, HEADER.size + size * start)


def _slots_near(copy: int, queries: Queries, within: float) -> Ints:
    """Returns the slots of looks that are near one of the queries, and of some that are hardly farther."""
    number, numbers = len(queries.means), queries.means.shape[1] + 1
    # With one more column, a product is large for a near look: half of what the squared distance lacks.
    asked = np.vstack([queries.means.T, np.ones((1, number), np.float32)]).astype(np.float32)
    least = ((queries.squares - within**2 - SLACK) / 2).astype(np.float32)
    records = np.empty((ROWS, numbers), np.float32)
    found = []
    for start in range(0, 1 << 62, ROWS):
        read = os.preadv(copy, [records.data], HEADER.size + 4 * numbers * start) // (4 * numbers)
        near = np.zeros(read, np.bool_)
        for first in range(0, number, COLUMNS):
            part = slice(first, first + COLUMNS)
            near |= (records[:read] @ asked[:, part] > least[part]).any(axis=1)
        found.append(np.flatnonzero(near) + start)
        if read < ROWS:
            break
    return np.concatenate(found)
