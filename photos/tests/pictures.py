"""Generates test pictures of all kinds, with known contents."""

import io
import struct
import zlib
from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageDraw

# Adobe RGB (1998), section 4.3.5.2 and annex: primaries adapted to D50, and gamma.
ADOBE_PRIMARIES = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])
ADOBE_GAMMA = 563 / 256
# IEC 61966-2-1, primaries adapted to D50.
SRGB_PRIMARIES = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])


def saved(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def flat(colour: int | str | tuple[int, ...], size: tuple[int, int] = (60, 40), mode: str = "RGB") -> Image.Image:
    return Image.new(mode, size, colour)


def compass(size: tuple[int, int] = (600, 400)) -> Image.Image:
    """Four quarters, each of its own colour: no turn or mirror image of it is like another."""
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    middle_x, middle_y = size[0] // 2, size[1] // 2
    for left, top, colour in ((0, 0, "red"), (1, 0, "lime"), (0, 1, "blue"), (1, 1, "yellow")):
        corner = (left * middle_x, top * middle_y)
        draw.rectangle((*corner, corner[0] + middle_x, corner[1] + middle_y), fill=colour)
    return image


def quarters(image: Image.Image) -> list[str]:
    """Returns the colour in each quarter: upper left and right, lower left and right."""
    names = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0)}

    def nearest(x: float, y: float) -> str:
        seen = np.array(image.convert("RGB").getpixel((int(x * image.width), int(y * image.height))))
        return min(names, key=lambda name: np.abs(seen - names[name]).sum())

    return [nearest(x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)]


def adobe_rgb_profile() -> bytes:
    """An ICC profile (ICC.1:2001-04) of Adobe RGB: three primaries and a gamma."""

    def xyz(values: Iterable[float]) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    name = b"Adobe RGB\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(ADOBE_GAMMA * 256))
    tags = {b"desc": text, b"cprt": b"text\0\0\0\0none\0", b"wtpt": xyz((0.9642, 1, 0.8249))}
    tags |= {tag: xyz(ADOBE_PRIMARIES[:, index]) for index, tag in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for tag, data in tags.items():
        table += tag + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(">I4sI4s4s4s", start + len(body), b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    header += (
        struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    )
    return header.ljust(128, b"\0") + table + body


def adobe_to_srgb(colour: tuple[int, int, int]) -> np.ndarray:
    """Converts a colour from Adobe RGB to sRGB by the formulas of the two standards."""
    light = ADOBE_PRIMARIES @ (np.array(colour) / 255) ** ADOBE_GAMMA
    linear = np.clip(np.linalg.solve(SRGB_PRIMARIES, light), 0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def deep_png(colour: tuple[int, int, int], size: tuple[int, int] = (60, 40)) -> bytes:
    """A flat PNG of 16 bits a channel; the colour is of 0 to 65535."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" + struct.pack(">3H", *colour) * size[0]
    head = struct.pack(">2I5B", *size, 16, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(row * size[1]))
        + chunk(b"IEND", b"")
    )
