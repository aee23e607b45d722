"""Metrics of all processes that share DATA_DIR: each writes files of its own there, and any may read them all.

The web and the worker's children are processes of their own, but Prometheus asks one address. A process goes on
with the files of one that has ended: the numbers never fall, and however many processes come and go, there are as
many files as there were at one time.
"""

import fcntl
import os
import threading
from pathlib import Path

from django.conf import settings

from pickeez_site.operations.observing.context import process_role
from pickeez_site.operations.observing.prometheus_files import is_readable

MAX_PLACES = 256
# Written out before they are mapped: writing to a mapped hole on a full disk would kill the process.
RESERVED_BYTES = {"counter": 256 * 1024, "histogram": 1024 * 1024}
NOWHERE = "nowhere"

# By process id, for a fork is a process of its own.
_places: dict[int, str] = {}
_threads = threading.Lock()


def metrics_dir() -> Path:
    return Path(settings.DATA_DIR) / "metrics"


def files() -> list[str]:
    """What all processes have written."""
    return [str(path) for path in metrics_dir().glob("*.db")]


def place() -> str:
    """What this process's files are called by, such as `worker-1`."""
    return _places.get(os.getpid(), NOWHERE)


def has_place() -> bool:
    """Whether this process has files to write to; takes some the first time. False where the disk takes none."""
    pid = os.getpid()
    if pid not in _places:
        with _threads:
            if pid not in _places:
                _places[pid] = _take_place()
    return place() != NOWHERE


def _take_place() -> str:
    try:
        metrics_dir().mkdir(parents=True, exist_ok=True)
        for number in range(MAX_PLACES):
            name = f"{process_role()}-{number}"
            if _lock(metrics_dir() / f"{name}.lock"):
                for kind, size in RESERVED_BYTES.items():
                    _reserve(metrics_dir() / f"{kind}_{name}.db", size)
                return name
    except OSError:
        pass
    return NOWHERE


def _lock(path: Path) -> bool:
    """Locks the file until this process ends; False when another process has it. Forks do not inherit the lock."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    return True


def _reserve(path: Path, size: int) -> None:
    """Makes the file, unless there is a good one already."""
    if not is_readable(path) or path.stat().st_size < size:
        path.write_bytes(bytes(size))
