"""Uses private parts of prometheus_client: how it keeps its numbers in files. No other module does that.

The public mode makes one file for each process id, so that the files become more and more as processes come and
go.
"""

import os
import struct
from collections.abc import Callable
from pathlib import Path

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

# The library raises these for a file that is damaged by a power failure, or that cannot grow on a full disk.
UNREADABLE = (OSError, ValueError, RuntimeError, IndexError, KeyError, struct.error)


def keep_in_files(folder: Path, name: Callable[[], str]) -> None:
    """Keeps metrics that are made after this in files in `folder`, named by `name()` instead of the process id."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue(name)


def is_readable(path: Path) -> bool:
    """Whether a process can continue to use the file."""
    try:
        list(MmapedDict.read_all_values_from_file(str(path)))
    except UNREADABLE:
        return False
    return True
