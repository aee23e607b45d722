"""The kinds of picture that are taken, told apart by content."""

EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/webp": ".webp",
    "image/tiff": ".tif",
    "image/heic": ".heic",
    "image/avif": ".avif",
}
UNKNOWN = "application/octet-stream"

# Pillow's names of the formats that are decoded; it knows many more, which nobody's camera writes.
TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "HEIF": "image/heic",
    "AVIF": "image/avif",
}

STARTS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"BM": "image/bmp",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
}
# Major brands of the ISO base media file format: ISO/IEC 23008-12, annex B, and the AVIF specification, section 6.
AVIF_BRANDS = (b"avif", b"avis")
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")


def sniff_content_type(head: bytes) -> str:
    """The type by the first bytes of the content (64 suffice); `UNKNOWN` for what is not taken."""
    for start, content_type in STARTS.items():
        if head.startswith(start):
            return content_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return _sniff_media_file(head) if head[4:8] == b"ftyp" else UNKNOWN


def _sniff_media_file(head: bytes) -> str:
    """The general brands `mif1` and `msf1` stand before both kinds: the compatible brands after them tell."""
    brand, compatible = head[8:12], head[16:64]
    if brand in AVIF_BRANDS or (brand in (b"mif1", b"msf1") and b"avif" in compatible):
        return "image/avif"
    return "image/heic" if brand in HEIC_BRANDS else UNKNOWN
