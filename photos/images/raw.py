"""Finds the preview in a camera's raw file, which is a TIFF with the sensor's values (DNG 1.7, Exif 3.0 4.5.4)."""

from collections.abc import Iterator

from photos.images.jpeg import frame_size
from photos.images.pillow import UnreadableImage
from photos.images.tiff import Directory, Tag, first_directory, read_directory

# Photometric interpretations of sensors: a colour filter array, and linear values.
SENSORS = (32803, 34892)
CANON_MARK = slice(8, 10)
MIN_SIDE = 500  # pixels: what is smaller is a thumbnail for lists, and not the picture
MAX_DIRECTORIES = 30


def preview_of_raw(content: bytes) -> bytes | None:
    """Returns the largest JPEG preview of a raw file; None if the file is an ordinary TIFF.

    Raises `UnreadableImage`, also for a raw file without one.
    """
    directories = list(_directories(content))
    is_raw = content[CANON_MARK] == b"CR" or any(
        Tag.DNG_VERSION in directory or directory.number(Tag.PHOTOMETRIC) in SENSORS for directory in directories
    )
    if not is_raw:
        return None
    previews = [(max(frame_size(jpeg)), jpeg) for found in directories if (jpeg := _preview(content, found))]
    side, preview = max(previews, default=(0, b""), key=lambda sized: sized[0])
    if side < MIN_SIDE:
        raise UnreadableImage("The file is not a picture of a supported type.")
    return preview


def _directories(content: bytes) -> Iterator[Directory]:
    """Yields the directories of the chain, each followed by those below it."""
    waiting, seen = [first_directory(content)], 0
    while waiting and seen < MAX_DIRECTORIES:
        directory = waiting.pop(0)
        seen += 1
        yield directory
        for place in (directory.following, *directory.numbers(Tag.SUB_IFDS)[:MAX_DIRECTORIES]):
            try:
                if place:
                    waiting.append(read_directory(content, place))
            except UnreadableImage:
                continue


def _preview(content: bytes, directory: Directory) -> bytes:
    """Returns the JPEG that the directory names, or nothing."""
    offset, size = directory.number(Tag.JPEG_OFFSET), directory.number(Tag.JPEG_BYTES)
    strips = directory.numbers(Tag.STRIP_OFFSETS)
    if not offset and len(strips) == 1 and directory.number(Tag.PHOTOMETRIC) not in SENSORS:
        offset, size = strips[0], directory.number(Tag.STRIP_BYTES)
    jpeg = content[offset : offset + size]
    return jpeg if offset and jpeg.startswith(b"\xff\xd8\xff") else b""
