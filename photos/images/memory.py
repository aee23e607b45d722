"""How much memory decoding may take here, and how much a picture needs."""

import resource
from pathlib import Path

from django.conf import settings
from PIL import Image

from photos.images.jpeg import coefficient_bytes

MEGABYTE = 1024 * 1024
PAGE = resource.getpagesize()
# For what is made of a picture: bands, the working picture and its conversions.
OVERHEAD_MB = 60
# A worker's two processes share the memory of their group; each has this much before it decodes anything.
PROCESSES_IN_A_GROUP, IDLE_MB = 2, 200
GROUPS = Path("/sys/fs/cgroup")
# Of a pixel in Pillow; of all other modes 4.
BYTES_OF_MODE = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
# Measured (`bench/decoding.py`): what the libraries of these formats need for a pixel, until Pillow has it.
BYTES_OF_FORMAT = {"GIF": 1.5, "WEBP": 13.5, "AVIF": 8, "HEIF": 4.5}


def limit_megabytes() -> int:
    """Returns how much memory decoding may take in this process, by the setting and the bounds of the system.

    These are half of the control group's (cgroups 1 and 2), and what the process's own limits leave.
    """
    limits = [settings.DECODING_MEMORY_MB]
    if group := _group_megabytes():
        limits.append(group // PROCESSES_IN_A_GROUP - IDLE_MB)
    used = [int(pages) * PAGE // MEGABYTE for pages in Path("/proc/self/statm").read_text().split()]
    for kind, megabytes in ((resource.RLIMIT_AS, used[0]), (resource.RLIMIT_DATA, used[5])):
        soft, _ = resource.getrlimit(kind)
        if soft != resource.RLIM_INFINITY:
            limits.append(soft // MEGABYTE - megabytes)
    return max(0, min(limits))


def _group_megabytes() -> int | None:
    """Returns the least bound of this process's control group and those above; None without one."""
    bounds = [_bound(GROUPS / "memory/memory.limit_in_bytes")]
    try:
        line = next(line for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        line = "0::/"
    group = GROUPS / line[3:].strip("/")
    folders = [folder for folder in (group, *group.parents) if folder.is_relative_to(GROUPS)]
    bounds.extend(_bound(folder / "memory.max") for folder in folders)
    return min((bound for bound in bounds if bound is not None), default=None)


def _bound(file: Path) -> int | None:
    try:
        text = file.read_text().strip()
    except OSError:
        return None
    return int(text) // MEGABYTE if text.isdigit() else None


def whole_bytes(image: Image.Image) -> int:
    """Returns the bytes of all pixels when Pillow has decoded them."""
    return image.width * image.height * BYTES_OF_MODE.get(image.mode, 4)


def megabytes_needed(opened: Image.Image, content: bytes, *, in_one_piece: int) -> int:
    """Returns about how many megabytes decoding takes, `in_one_piece` being the bytes of the largest part of it.

    `opened` is Pillow's picture, not decoded, after `draft`.
    """
    pixels = opened.width * opened.height
    needed = max(float(in_one_piece), pixels * BYTES_OF_FORMAT.get(opened.format or "", 0))
    if opened.format in ("JPEG", "MPO"):
        needed += coefficient_bytes(content)
    return OVERHEAD_MB + int(needed) // MEGABYTE
