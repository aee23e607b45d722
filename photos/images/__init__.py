"""Decodes pictures into upright sRGB, reads their metadata and makes renditions."""

from photos.images.cropping import crop_square
from photos.images.decoding import Picture, read_picture
from photos.images.formats import EXTENSIONS, UNKNOWN, sniff_content_type
from photos.images.memory import limit_megabytes
from photos.images.pillow import PictureTooLarge, UnreadableImage
from photos.images.renditions import RenditionFile, make_renditions, make_thumbnail, overall_colour

__all__ = [
    "EXTENSIONS",
    "UNKNOWN",
    "Picture",
    "PictureTooLarge",
    "RenditionFile",
    "UnreadableImage",
    "crop_square",
    "limit_megabytes",
    "make_renditions",
    "make_thumbnail",
    "overall_colour",
    "read_picture",
    "sniff_content_type",
]
