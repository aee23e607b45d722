"""Reads PNG in bands of rows, because Pillow only decodes whole ones (PNG specification, third edition).

Pillow undoes the filters and converts the samples: each band is handed to its decoder as a small picture.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photos.images.bands import rows_of_a_band
from photos.images.pillow import UnreadableImage, pillow_calls

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_PROFILE_BYTES = 8_000_000
MAX_FEED = 65536  # bytes of the stream that are inflated at once
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
LANES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
# Of the passes of an interlaced picture (8.1), those whose pixels make up every second row and column: the first
# pixel's column and row, and the steps to the next.
HALF_SIZE_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4))

Rows = NDArray[np.uint8]


@dataclass
class Png:
    """What the chunks say. `data` are the places of the picture's stream in the file."""

    width: int
    height: int
    bits: int  # per pixel
    interlaced: bool
    data: list[slice] = field(default_factory=list)
    essential: list[tuple[bytes, bytes]] = field(default_factory=list)  # names and contents of what explains it
    exif: bytes = b""
    profile: bytes = b""

    def row_bytes(self, width: int) -> int:
        return (width * self.bits + 7) // 8


def read_png(content: bytes) -> Png:
    """Reads the chunks; faults of all but the first and the data are ignored. Raises `UnreadableImage`."""
    try:
        width, height, depth, colour, _, _, interlaced = struct.unpack_from(
            ">IIBBBBB", content, len(SIGNATURE) + 8
        )
        png = Png(width, height, depth * CHANNELS[colour], bool(interlaced))
    except (struct.error, KeyError) as error:
        raise UnreadableImage("The picture is broken or incomplete.") from error
    place = len(SIGNATURE)
    while place + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, place)
        body = slice(place + 8, min(place + 8 + size, len(content)))
        match kind:
            case b"IHDR" | b"PLTE" | b"tRNS":
                png.essential.append((kind, content[body]))
            case b"IDAT":
                png.data.append(body)
            case b"eXIf":
                png.exif = content[body]
            case b"iCCP":
                png.profile = _profile(content[body])
            case b"IEND":
                break
        place += 12 + size
    return png


def header_of_png(png: Png) -> bytes:
    """Returns a PNG without pixels, with what Pillow must know of the picture, and nothing else."""
    chunks = (*png.essential, (b"IDAT", b""), (b"IEND", b""))
    return SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def _profile(chunk: bytes) -> bytes:
    """Returns the ICC profile; empty if it is broken or too large (11.3.2.3)."""
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(chunk[chunk.index(b"\0") + 2 :], MAX_PROFILE_BYTES)
    except (ValueError, zlib.error):
        return b""
    return profile if inflater.eof else b""


def bands_of_png(opened: Image.Image, raw_mode: str, content: bytes, png: Png) -> Iterator[Image.Image]:
    """Yields the picture from top to bottom; fewer rows when the file ends early or is broken.

    `opened` is Pillow's picture, not decoded, of the same file, and `raw_mode` its name for the layout of rows.
    """
    stream = _InflatedRows(content, png.data)
    rows = rows_of_a_band(png.width)
    lanes = max(1, png.bits // 8)
    for raw in _unfiltered(stream, png.row_bytes(png.width), png.height, rows, lanes):
        yield _picture(opened, raw_mode, png.width, raw)


def half_of_interlaced(opened: Image.Image, raw_mode: str, content: bytes, png: Png) -> Iterator[Image.Image]:
    """Yields every second row and column of an interlaced picture; those that never came are 0."""
    stream = _InflatedRows(content, png.data)
    lanes = max(1, png.bits // 8)
    whole: NDArray[np.generic] | None = None
    for left, top, right, down in HALF_SIZE_PASSES:
        width, height = -(-(png.width - left) // right), -(-(png.height - top) // down)
        if width < 1 or height < 1:
            continue
        done = 0
        for raw in _unfiltered(stream, png.row_bytes(width), height, rows_of_a_band(width), lanes):
            pixels = np.asarray(_picture(opened, raw_mode, width, raw))
            if whole is None:
                half = (-(-png.height // 2), -(-png.width // 2))
                whole = np.zeros((*half, *pixels.shape[2:]), pixels.dtype)
            rows = slice((top + done * down) // 2, (top + (done + len(pixels)) * down) // 2, down // 2)
            whole[rows, left // 2 :: right // 2] = pixels
            done += len(pixels)
    if whole is None:
        return
    rows_at_once = rows_of_a_band(whole.shape[1])
    for start in range(0, len(whole), rows_at_once):
        yield _dressed(Image.fromarray(whole[start : start + rows_at_once]), opened)


def _picture(opened: Image.Image, raw_mode: str, width: int, raw: Rows) -> Image.Image:
    with pillow_calls():
        return _dressed(Image.frombytes(opened.mode, (width, len(raw)), raw.tobytes(), "raw", raw_mode), opened)


def _dressed(image: Image.Image, opened: Image.Image) -> Image.Image:
    """Gives the band the palette and the transparency of the picture."""
    if opened.palette is not None:
        image.putpalette(*opened.palette.getdata()[::-1])
    image.info = dict(opened.info)
    return image


class _InflatedRows:
    """The rows of the picture's stream as they are filtered; `ended` when there are no more."""

    def __init__(self, content: bytes, places: list[slice]) -> None:
        self._chunks = (
            content[start : min(start + MAX_FEED, place.stop)]
            for place in places
            for start in range(place.start, place.stop, MAX_FEED)
        )
        self._inflater = zlib.decompressobj()

    def read(self, row_bytes: int, rows: int) -> Rows:
        """Returns at most `rows` rows, of shape (rows, row_bytes); fewer when the stream ends or is broken."""
        wanted, parts = row_bytes * rows, bytearray()
        while len(parts) < wanted and not self._inflater.eof:
            fed = self._inflater.unconsumed_tail or next(self._chunks, b"")
            try:
                inflated = self._inflater.decompress(fed, wanted - len(parts))
            except zlib.error:
                break
            if not fed and not inflated:
                break
            parts += inflated
        whole = len(parts) // row_bytes
        return np.frombuffer(parts, np.uint8, whole * row_bytes).reshape(whole, row_bytes)


def _unfiltered(stream: _InflatedRows, row_bytes: int, height: int, at_once: int, lanes: int) -> Iterator[Rows]:
    """Yields the rows with their filters undone, of shape (at most `at_once`, row_bytes)."""
    before = np.zeros((1, row_bytes), np.uint8)
    done = 0
    while done < height:
        rows = stream.read(1 + row_bytes, min(at_once, height - done))
        if not len(rows):
            return
        filtered = np.concatenate([np.zeros((1, 1), np.uint8), before], axis=1)
        raw = _undo_filters(np.concatenate([filtered, rows]), lanes)[1:]
        yield raw
        before = raw[-1:]
        done += len(rows)


def _undo_filters(rows: Rows, lanes: int) -> Rows:
    """Undoes the filters of rows, whose first byte names the filter (9.2). There are `lanes` bytes to a pixel.

    No filter mixes the first byte of a pixel with another pixel's second. So each byte is a channel of 8 bits, and
    pixels of six and eight bytes are two pictures of three and four channels.
    """
    width = (rows.shape[1] - 1) // lanes
    if lanes <= 4:
        return _decoded(rows, width, lanes)
    half = lanes // 2
    pixels = rows[:, 1:].reshape(len(rows), width, lanes)
    raw = np.empty((len(rows), width, lanes), np.uint8)
    for part in (slice(0, half), slice(half, lanes)):
        bytes_of_part = pixels[:, :, part].reshape(len(rows), width * half)
        filtered = np.concatenate([rows[:, :1], bytes_of_part], axis=1)
        raw[:, :, part] = _decoded(filtered, width, half).reshape(len(rows), width, half)
    return raw.reshape(len(rows), width * lanes)


def _decoded(rows: Rows, width: int, lanes: int) -> Rows:
    mode = LANES[lanes]
    stored = zlib.compress(rows.tobytes(), 0)
    with pillow_calls():
        image = Image.frombytes(mode, (width, len(rows)), stored, "zip", mode, 0)
    return np.frombuffer(image.tobytes(), np.uint8).reshape(len(rows), width * lanes)
