"""Reads of a JPEG what libjpeg does not tell before it decodes (ITU-T T.81, B.2)."""

import struct
from collections.abc import Iterator

START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
FRAMES = tuple(marker for marker in range(0xC0, 0xD0) if marker not in (0xC4, 0xC8, 0xCC))  # the others are tables
SEQUENTIAL, LOSSY = (0xC0, 0xC1, 0xC9), (0xC0, 0xC1, 0xC2)
WITHOUT_LENGTH = (0x01, *range(0xD0, 0xD9))


def frame_size(content: bytes) -> tuple[int, int]:
    """Returns width and height in pixels; twice 0 when there is no frame that every program can decode."""
    for marker, place in _segments(content):
        if marker in LOSSY and place + 9 <= len(content):
            height, width = struct.unpack_from(">HH", content, place + 5)
            return width, height
    return 0, 0


def coefficient_bytes(content: bytes) -> int:
    """Returns the bytes that libjpeg needs for the coefficients of all rows; 0 if it keeps only some of them.

    It keeps all of them, two bytes each, when the picture comes in several scans, as in a progressive file.
    """
    size = components = 0
    is_sequential = True
    for marker, place in _segments(content):
        if marker in FRAMES:
            is_sequential = marker in SEQUENTIAL
            size, components = _frame(content, place + 4)
        elif marker == START_OF_SCAN:
            in_first_scan = content[place + 4] if place + 4 < len(content) else 0
            return 0 if is_sequential and in_first_scan >= components else size
    return 0 if is_sequential else size


def _segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Yields the marker and the place in bytes of each segment, to the first scan."""
    place = 2
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xFF or marker in WITHOUT_LENGTH:
            place += 1 if marker == 0xFF else 2
            continue
        yield marker, place
        if marker in (START_OF_SCAN, END_OF_IMAGE):
            return
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")


def _frame(content: bytes, place: int) -> tuple[int, int]:
    """Returns the bytes of all coefficients, and the number of components."""
    try:
        _, height, width, components = struct.unpack_from(">BHHB", content, place)
        sampling = [content[place + 7 + 3 * index] for index in range(components)]
    except (struct.error, IndexError):
        return 0, 0
    blocks = [(pair >> 4) * (pair & 15) for pair in sampling]
    if not any(blocks):
        return 0, components
    return 2 * width * height * sum(blocks) // max(blocks), components
