"""Pictures for measuring: two real portraits as a phone would take them."""

import io

import numpy as np
from PIL import Image

from pickeez_site.operations.demo.pictures import SOURCES, selfie

PHONE = (4032, 3024)  # 12 megapixels


def phone_pictures(number: int) -> list[bytes]:
    """JPEGs of 12 megapixels, each with one person and noise of its own."""
    generator = np.random.default_rng(7)
    return [_phone_picture(selfie(list(SOURCES)[index % len(SOURCES)]), generator) for index in range(number)]


def _phone_picture(content: bytes, generator: np.random.Generator) -> bytes:
    person = Image.open(io.BytesIO(content)).resize((1500, 1650))
    picture = Image.new("RGB", PHONE, (120, 140, 110))
    picture.paste(person, (1200, 600))
    noise = generator.normal(0, 6, (PHONE[1], PHONE[0], 1))
    noisy = np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(noisy).save(file, "JPEG", quality=88)
    return file.getvalue()
