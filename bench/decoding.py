"""The peak of memory of decoding, over that of a process that has decoded a small picture, in megabytes.

Each form is decoded by `python -m bench.decoding FILE` in a process of its own, 150 megapixels large (less in a
small round). Forms that need more than DECODING_MEMORY_MB are refused, which takes nothing.
"""

import io
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from bench.sizes import size

AT_MOST = 450
SIDE = size("SIDE", 12_240, 3_000)
PNG_FORMS = {
    "grey": (8, 0, 1),
    "palette": (8, 3, 1),
    "grey 16": (16, 0, 2),
    "rgb": (8, 2, 3),
    "rgba 16": (16, 6, 8),
}
OTHERS: dict[str, tuple[str, str, dict[str, object]]] = {
    "gif": ("P", "GIF", {}),
    "jpeg": ("RGB", "JPEG", {}),
    "jpeg cmyk": ("CMYK", "JPEG", {}),
    "jpeg progressive": ("RGB", "JPEG", {"progressive": True}),
    "webp": ("RGB", "WEBP", {"method": 0}),
    "tiff la": ("LA", "TIFF", {"compression": "tiff_lzw"}),
    "tiff cmyk": ("CMYK", "TIFF", {"compression": "tiff_lzw"}),
    "tiff real": ("F", "TIFF", {"compression": "tiff_lzw"}),
    "tiff fax": ("1", "TIFF", {"compression": "group4"}),
}


def large_png(side: int, depth: int, colour_type: int, pixel_bytes: int) -> bytes:
    """A flat PNG, with a transparent colour if it has a palette."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(1)
    row = b"\1" + bytes([3] * pixel_bytes) + bytes(pixel_bytes * (side - 1))
    rows = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, depth, colour_type, 0, 0, 0))
    colours = chunk(b"PLTE", bytes(range(12))) + chunk(b"tRNS", b"\0\xff\x80") if colour_type == 3 else b""
    return b"\x89PNG\r\n\x1a\n" + head + colours + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def run() -> None:
    """Prints megabytes, and how many they may be."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "picture"
        for name, content in _forms():
            file.write_bytes(content)
            command = [sys.executable, "-m", "bench.decoding", str(file)]
            words = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
            print(f"decoding {name}: {words[-2]} MB (at most {AT_MOST}), {words[-1]}")


def _forms() -> Iterator[tuple[str, bytes]]:
    for name, (depth, colour_type, pixel_bytes) in PNG_FORMS.items():
        yield f"png {name}", large_png(SIDE, depth, colour_type, pixel_bytes)
    for name, (mode, form, options) in OTHERS.items():
        file = io.BytesIO()
        Image.fromarray(np.zeros((SIDE, SIDE), np.uint8)).convert(mode).save(file, form, **options)
        yield name, file.getvalue()


def measure(path: Path) -> None:
    """Decodes the file; prints the megabytes of the peak, and `decoded` or `refused`."""
    import django

    django.setup()
    from photos.images import PictureTooLarge, read_picture

    read_picture(large_png(50, 8, 3, 1))
    before = _megabytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from now
    content = path.read_bytes()
    try:
        read_picture(content)
        done = "decoded"
    except PictureTooLarge:
        done = "refused"
    print(_megabytes("VmHWM") - before, done)


def _megabytes(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(name))


if __name__ == "__main__":
    measure(Path(sys.argv[1])) if len(sys.argv) > 1 else run()
