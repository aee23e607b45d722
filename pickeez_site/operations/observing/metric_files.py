"""The files in which each process keeps its metrics, in DATA_DIR. Any process can read the files of all.

The web server and the worker's children are separate processes, but Prometheus asks one address. Each process
claims a name, such as `worker-1`, and with it the files of an earlier process of that name. So counters never
fall, and there are only as many files as there were processes at the same time.
"""

import fcntl
import os
import threading
from pathlib import Path

from django.conf import settings

from pickeez_site.operations.observing.context import process_role
from pickeez_site.operations.observing.prometheus_internals import is_readable

MAX_PROCESSES = 256
# The files are written before they are mapped: on a full disk, writing to a mapped hole would kill the process.
RESERVED_BYTES = {"counter": 256 * 1024, "histogram": 1024 * 1024}
NO_FILES = "nowhere"  # the name of a process that could not claim any

# The claimed name by process id, because a forked process must claim its own.
_names: dict[int, str] = {}
_lock = threading.Lock()


def metrics_dir() -> Path:
    return Path(settings.DATA_DIR) / "metrics"


def metric_files() -> list[str]:
    """The paths of the files of all processes."""
    return [str(path) for path in metrics_dir().glob("*.db")]


def process_name() -> str:
    """The name that this process has claimed."""
    return _names.get(os.getpid(), NO_FILES)


def claim_files() -> bool:
    """Claims files for this process if it has none yet. False when the disk cannot be written to."""
    pid = os.getpid()
    if pid not in _names:
        with _lock:
            if pid not in _names:
                _names[pid] = _claim_name()
    return process_name() != NO_FILES


def _claim_name() -> str:
    try:
        metrics_dir().mkdir(parents=True, exist_ok=True)
        for number in range(MAX_PROCESSES):
            name = f"{process_role()}-{number}"
            if not _lock_file(metrics_dir() / f"{name}.lock"):
                continue
            for kind, size in RESERVED_BYTES.items():
                path = metrics_dir() / f"{kind}_{name}.db"
                if not is_readable(path) or path.stat().st_size < size:
                    path.write_bytes(bytes(size))
            return name
    except OSError:
        pass
    return NO_FILES


def _lock_file(path: Path) -> bool:
    """Locks the file until this process ends. False when another process has the lock; forks do not inherit it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    return True
