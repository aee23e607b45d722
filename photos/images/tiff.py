"""Reads TIFF in bands of strips or tiles, because Pillow only decodes whole ones (TIFF 6.0, sections 2, 8 and 15).

Each band is a small TIFF of its own with the strips' bytes as they are: every compression that Pillow knows works.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from io import BytesIO
from typing import NamedTuple

from PIL import Image

from photos.images.bands import BAND_PIXELS
from photos.images.pillow import UnreadableImage, pillow_calls

SIZES = {1: (1, 2, 6, 7), 2: (3, 8), 4: (4, 9, 11, 13), 8: (5, 10, 12, 16, 17, 18)}
BYTES_OF_TYPE = {kind: size for size, kinds in SIZES.items() for kind in kinds}
INTEGERS = {1: "B", 3: "H", 4: "L", 13: "L", 16: "Q", 18: "Q"}
LONG = 4
MAX_ENTRIES, MAX_VALUES = 500, 10_000_000


class Tag(IntEnum):
    """The tags that this module reads or writes."""

    SUBFILE_TYPE = 254
    WIDTH = 256
    HEIGHT = 257
    BITS = 258
    COMPRESSION = 259
    PHOTOMETRIC = 262
    STRIP_OFFSETS = 273
    SAMPLES = 277
    ROWS_PER_STRIP = 278
    STRIP_BYTES = 279
    PLANAR = 284
    TILE_WIDTH = 322
    TILE_HEIGHT = 323
    TILE_OFFSETS = 324
    TILE_BYTES = 325
    SUB_IFDS = 330
    JPEG_OFFSET = 513
    JPEG_BYTES = 514
    DNG_VERSION = 50706


# What a band takes over, because decoding needs it; besides the named ones fill order, fax options, predictor,
# colours, extra samples, sample format, JPEG tables, YCbCr coefficients, subsampling, positioning and reference.
KEPT = {*(Tag.BITS, Tag.COMPRESSION, Tag.PHOTOMETRIC, Tag.SAMPLES, Tag.PLANAR)} | {
    *(266, 292, 293, 317, 320, 338, 339, 347, 529, 530, 531, 532)
}


class Entry(NamedTuple):
    """A field of a directory: its type (`kind`), the number of values, and their bytes as they are in the file."""

    kind: int
    number: int
    raw: bytes


class Directory(dict[int, Entry]):
    """An image file directory by tag. `order` is `<` or `>`, `next` the place of the next directory or 0."""

    def __init__(self, order: str, following: int) -> None:
        super().__init__()
        self.order, self.following = order, following

    def numbers(self, tag: int) -> list[int]:
        """Returns the unsigned integers of the field; none if it is missing or of another type."""
        entry = self.get(tag)
        if entry is None or entry.kind not in INTEGERS:
            return []
        return list(struct.unpack(f"{self.order}{entry.number}{INTEGERS[entry.kind]}", entry.raw))

    def number(self, tag: int, default: int = 0) -> int:
        return (self.numbers(tag) or [default])[0]

    def set_numbers(self, tag: int, values: list[int]) -> None:
        self[tag] = Entry(LONG, len(values), struct.pack(f"{self.order}{len(values)}L", *values))


def first_directory(content: bytes) -> Directory:
    """Returns the directory of the first picture. Raises `UnreadableImage`."""
    try:
        order, is_big = _form(content)
        (place,) = struct.unpack_from(f"{order}Q" if is_big else f"{order}L", content, 8 if is_big else 4)
        return read_directory(content, place)
    except struct.error as error:
        raise UnreadableImage("The picture is broken or incomplete.") from error


def read_directory(content: bytes, place: int) -> Directory:
    """Reads the directory at the place in bytes. Raises `UnreadableImage`."""
    order, is_big = _form(content)
    head, entry = (f"{order}Q", f"{order}HHQ8s") if is_big else (f"{order}H", f"{order}HHL4s")
    try:
        (number,) = struct.unpack_from(head, content, place)
        first = place + struct.calcsize(head)
        end = first + min(number, MAX_ENTRIES) * struct.calcsize(entry)
        following = struct.unpack_from(f"{order}Q" if is_big else f"{order}L", content, end)[0]
        directory = Directory(order, following if number <= MAX_ENTRIES else 0)
        for start in range(first, end, struct.calcsize(entry)):
            tag, kind, count, value = struct.unpack_from(entry, content, start)
            size = BYTES_OF_TYPE.get(kind, 0) * count
            if size > len(value):
                (at,) = struct.unpack(f"{order}Q" if is_big else f"{order}L", value)
                value = content[at : at + size]
            if count <= MAX_VALUES and 0 < size <= len(value):
                directory[tag] = Entry(kind, count, value[:size])
    except struct.error as error:
        raise UnreadableImage("The picture is broken or incomplete.") from error
    return directory


def _form(content: bytes) -> tuple[str, bool]:
    """Returns the order of bytes, and whether it is a BigTIFF."""
    order = "<" if content[:2] == b"II" else ">"
    return order, content[2:4] in (b"+\0", b"\0+")


@dataclass(frozen=True)
class Strips:
    """How the picture is cut: `rows` to a strip (or row of tiles), `across` pieces side by side, in `planes`."""

    directory: Directory
    rows: int
    across: int
    planes: int

    @classmethod
    def of(cls, directory: Directory) -> "Strips":
        width, height = directory.number(Tag.WIDTH), directory.number(Tag.HEIGHT)
        planes = directory.number(Tag.SAMPLES, 1) if directory.number(Tag.PLANAR, 1) == 2 else 1
        if Tag.TILE_OFFSETS in directory:
            across = -(-width // max(1, directory.number(Tag.TILE_WIDTH)))
            return cls(directory, max(1, directory.number(Tag.TILE_HEIGHT)), across, planes)
        return cls(directory, max(1, min(directory.number(Tag.ROWS_PER_STRIP, height), height)), 1, planes)

    @property
    def at_once(self) -> int:
        """The number of strips, one below the other, that make a band."""
        return max(1, BAND_PIXELS // (self.directory.number(Tag.WIDTH) * self.rows))

    @property
    def rows_at_once(self) -> int:
        return min(self.at_once * self.rows, self.directory.number(Tag.HEIGHT))


def has_all_strips(content: bytes, directory: Directory) -> bool:
    """Returns whether the file goes on to the end of every strip or tile."""
    ends = [
        offset + size
        for at, length in ((Tag.STRIP_OFFSETS, Tag.STRIP_BYTES), (Tag.TILE_OFFSETS, Tag.TILE_BYTES))
        for offset, size in zip(directory.numbers(at), directory.numbers(length), strict=False)
    ]
    return max(ends, default=0) <= len(content)


def bands_of_tiff(opened: Image.Image, content: bytes, directory: Directory) -> Iterator[Image.Image]:
    """Yields the picture from top to bottom.

    `opened` is Pillow's picture, not decoded, of the same file. Raises `UnreadableImage`.
    """
    strips = Strips.of(directory)
    height = directory.number(Tag.HEIGHT)
    for top in range(0, height, strips.rows_at_once):
        rows = min(strips.rows_at_once, height - top)
        part = _part(content, strips, top // strips.rows, rows)
        with pillow_calls():
            band = Image.open(BytesIO(part), formats=["TIFF"])
            band.load()
        if band.mode != opened.mode or band.size != (opened.width, rows):
            raise UnreadableImage("The picture is broken or incomplete.")
        yield band


def _part(content: bytes, strips: Strips, first: int, rows: int) -> bytes:
    """Returns a TIFF of `rows` rows of pixels from the strip `first` on."""
    whole = strips.directory
    tiled = Tag.TILE_OFFSETS in whole
    offsets_tag, bytes_tag = (Tag.TILE_OFFSETS, Tag.TILE_BYTES) if tiled else (Tag.STRIP_OFFSETS, Tag.STRIP_BYTES)
    places = list(zip(whole.numbers(offsets_tag), whole.numbers(bytes_tag), strict=False))
    in_a_plane = -(-whole.number(Tag.HEIGHT) // strips.rows) * strips.across
    number = -(-rows // strips.rows) * strips.across
    starts = [plane * in_a_plane + first * strips.across for plane in range(strips.planes)]
    pieces = [content[at : at + size] for start in starts for at, size in places[start : start + number]]
    part = Directory(whole.order, 0)
    part.update({tag: whole[tag] for tag in KEPT if tag in whole})
    part.set_numbers(Tag.WIDTH, [whole.number(Tag.WIDTH)])
    part.set_numbers(Tag.HEIGHT, [rows])
    if tiled:
        part.set_numbers(Tag.TILE_WIDTH, [whole.number(Tag.TILE_WIDTH)])
        part.set_numbers(Tag.TILE_HEIGHT, [strips.rows])
    else:
        part.set_numbers(Tag.ROWS_PER_STRIP, [min(strips.rows, rows)])
    offsets, end = [], 8
    for piece in pieces:
        offsets.append(end)
        end += len(piece)
    part.set_numbers(offsets_tag, offsets)
    part.set_numbers(bytes_tag, [len(piece) for piece in pieces])
    return _written(part, pieces)


def _written(directory: Directory, pieces: list[bytes]) -> bytes:
    """Returns a TIFF file: its header, the pieces, the directory."""
    order = directory.order
    body = b"".join(pieces)
    body += bytes(len(body) % 2)
    place = 8 + len(body)
    table, values = struct.pack(f"{order}H", len(directory)), b""
    after = place + 2 + 12 * len(directory) + 4
    for tag, entry in sorted(directory.items()):
        raw = entry.raw
        if len(raw) > 4:
            raw = struct.pack(f"{order}L", after + len(values))
            values += entry.raw + bytes(len(entry.raw) % 2)
        table += struct.pack(f"{order}HHL4s", tag, entry.kind, entry.number, raw.ljust(4, b"\0"))
    mark = b"II" if order == "<" else b"MM"
    return mark + struct.pack(f"{order}HL", 42, place) + body + table + bytes(4) + values
