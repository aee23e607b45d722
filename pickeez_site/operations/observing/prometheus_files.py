"""What we rest on inside of prometheus_client: how it keeps numbers in files. Nothing else of ours does.

Public is only its mode of one file for each process id, which leaves more and more files where processes come and
go.
"""

import os
import struct
from collections.abc import Callable
from pathlib import Path

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

# What the library raises of a file that a power cut has left, or that a full disk does not let grow.
UNREADABLE = (OSError, ValueError, RuntimeError, IndexError, KeyError, struct.error)


def keep_in_files(folder: Path, name: Callable[[], str]) -> None:
    """Has the metrics that are made from now on kept in files of the folder, `name()` in place of a process id."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue(name)


def is_readable(path: Path) -> bool:
    """Whether a process can go on with the file."""
    try:
        list(MmapedDict.read_all_values_from_file(str(path)))
    except UNREADABLE:
        return False
    return True
