"""The rendition stage against a bare Pillow loop that writes the same files from the same bytes.

`python -m bench.renditions`; `PICTURES` sets how many.
"""

import io
import time

from PIL import Image, ImageOps

from bench.pictures import PHONE, phone_pictures
from bench.sizes import size
from photos.images import make_renditions, overall_colour, read_picture

AT_LEAST = 0.9


def run() -> None:
    """Prints the stage's speed as a part of the bare loop's, and how much it must be."""
    pictures = phone_pictures(size("PICTURES", 6, 1))
    _ours(pictures[:1])  # work that is done once per process
    ours = bare = 0.0
    for picture in pictures * 3:  # in turn, so that other work on the machine slows both
        ours += _ours([picture])
        bare += _bare([picture])
    each = 1000 * ours / (3 * len(pictures))
    print(f"renditions, {len(pictures)} pictures of 12 megapixels: {each:.0f} ms each")
    print(f"  {bare / ours:.2f} of the speed of bare Pillow (at least {AT_LEAST})")


def _ours(pictures: list[bytes]) -> float:
    start = time.perf_counter()
    for content in pictures:
        picture = read_picture(content)
        overall_colour(picture)
        assert len(list(make_renditions(picture, "PROOF"))) == 6
    return time.perf_counter() - start


def _bare(pictures: list[bytes]) -> float:
    """As one would write it with nothing but Pillow, the watermark's overlay included but not drawn again."""
    start = time.perf_counter()
    for content in pictures:
        image = Image.open(io.BytesIO(content))
        image.draft("RGB", (PHONE[0] // 2, PHONE[1] // 2))
        medium = ImageOps.exif_transpose(image).convert("RGB")
        medium.thumbnail((1280, 1280), reducing_gap=1.5)
        small = medium.copy()
        small.thumbnail((320, 320), reducing_gap=1.5)
        for rendition in (medium, small, ImageOps.fit(medium, (320, 320))):
            overlay = Image.new("RGBA", rendition.size, (255, 255, 255, 60))
            marked = Image.alpha_composite(rendition.convert("RGBA"), overlay).convert("RGB")
            for finished in (rendition, marked):
                finished.save(io.BytesIO(), "JPEG", quality=85)
    return time.perf_counter() - start


if __name__ == "__main__":
    run()
