"""The supported picture formats, recognised by content."""

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

# Content types by Pillow's names of the formats that we decode. It knows many more, which no camera writes.
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

SIGNATURES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
}
# The sizes of the second header of a BMP, which begins at byte 14. Its two letters alone also begin ordinary text.
BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)
# Major brands of the ISO base media file format: ISO/IEC 23008-12, annex B, and the AVIF specification, section 6.
AVIF_BRANDS = (b"avif", b"avis")
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")


def sniff_content_type(head: bytes) -> str:
    """Returns the content type by the first bytes (64 suffice); `UNKNOWN` if the format is not supported."""
    for start, content_type in SIGNATURES.items():
        if head.startswith(start):
            return content_type
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in BMP_HEADERS:
        return "image/bmp"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] != b"ftyp":
        return UNKNOWN
    brand, compatible = head[8:12], head[16:64]
    # The general brands `mif1` and `msf1` are used by both formats: the compatible brands after them decide.
    if brand in AVIF_BRANDS or (brand in (b"mif1", b"msf1") and b"avif" in compatible):
        return "image/avif"
    return "image/heic" if brand in HEIC_BRANDS else UNKNOWN
