"""Converts pictures to sRGB by their ICC profiles."""

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

from photos.images.pillow import UnreadableImage, pillow_calls

# Colours by which a profile is compared with sRGB: all mixtures of six steps. It counts as sRGB when none of them
# differs by more than rounding does.
STEPS, ROUNDING = 6, 2


def to_srgb(image: Image.Image) -> Image.Image:
    """Converts to sRGB, by the embedded ICC profile if it is valid; transparent parts become white."""
    profile = image.info.get("icc_profile")
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    if profile and not (image.mode == "RGB" and _is_srgb(profile)):
        image = _converted(image, profile) or image
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        image = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB") or image
    return image if image.mode == "RGB" else image.convert("RGB")


def _converted(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Converts to sRGB; returns None if the profile is broken or does not fit the picture."""
    try:
        with pillow_calls():
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, UnreadableImage):
        return None


@lru_cache(maxsize=32)
def _is_srgb(profile: bytes) -> bool:
    """Returns whether the profile changes nothing, whatever it is called: converting costs as much as decoding."""
    levels = np.linspace(0, 255, STEPS).round().astype(np.uint8)
    colours = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(1, -1, 3)
    converted = _converted(Image.fromarray(colours), profile)
    return converted is not None and int(np.abs(np.asarray(converted, int) - colours).max()) <= ROUNDING
