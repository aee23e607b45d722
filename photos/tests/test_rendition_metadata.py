import io

import pytest
from PIL import ExifTags, Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngInfo

from photos.images import make_renditions, read_picture
from photos.tests.pictures import adobe_rgb_profile, flat, saved

SECRET = "secret-place"


def exif() -> Image.Exif:
    block = Image.Exif()
    block[ExifTags.Base.ImageDescription] = SECRET
    block[ExifTags.Base.Artist] = SECRET
    gps = block.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (52.0, 30.0, 0.0)
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (13.0, 30.0, 0.0)
    return block


def png_with_texts() -> bytes:
    texts = PngInfo()
    texts.add_text("Comment", SECRET)
    texts.add_itxt("XML:com.adobe.xmp", SECRET)
    return saved(flat("grey"), pnginfo=texts, exif=exif(), icc_profile=adobe_rgb_profile(), dpi=(301, 301))


@pytest.mark.parametrize(
    "data",
    [
        saved(flat("grey"), "JPEG", exif=exif(), comment=SECRET, icc_profile=adobe_rgb_profile(), dpi=(301, 301)),
        saved(flat("grey"), "JPEG", exif=exif(), xmp=SECRET.encode()),
        saved(flat("grey"), "WEBP", exif=exif(), xmp=SECRET.encode()),
        saved(flat("grey"), "TIFF", exif=exif(), description=SECRET),
        saved(flat("grey"), "GIF", comment=SECRET),
        saved(flat("grey"), "AVIF", exif=exif()),
        png_with_texts(),
    ],
    ids=["jpeg", "xmp", "webp", "tiff", "gif", "avif", "png"],
)
def test_no_rendition_has_any_metadata(data: bytes) -> None:
    assert SECRET.encode() in data
    for file in make_renditions(read_picture(data), "PROOF"):
        image = Image.open(io.BytesIO(file.data))
        assert isinstance(image, JpegImageFile)
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
        assert image.info.get("jfif_density", (1, 1)) == (1, 1)
        assert image.applist[0][0] == "APP0"
        assert len(image.applist) == 1
        for trace in (SECRET.encode(), b"Exif", b"GPS", b"ICC_PROFILE", b"xmp"):
            assert trace not in file.data


def test_the_place_is_read_all_the_same() -> None:
    picture = read_picture(saved(flat("grey"), "JPEG", exif=exif()))
    assert (picture.latitude, picture.longitude) == (52.5, 13.5)
