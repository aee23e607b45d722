"""Decodes a picture at its working size: in bands, where its format and size ask for it."""

from collections.abc import Iterator
from io import BytesIO

from PIL import Image, ImageFile

from photos.images.bands import BandReducer, cut_into_bands, reduction, rows_of_a_band
from photos.images.memory import MEGABYTE, limit_megabytes, megabytes_needed, whole_bytes
from photos.images.pillow import PictureTooLarge, UnreadableImage, pillow_calls
from photos.images.png import Png, bands_of_png, half_of_interlaced, read_png
from photos.images.tiff import Strips, bands_of_tiff, first_directory, has_all_strips

# A picture that is not larger than this when Pillow has decoded it is decoded at once.
PLAIN_BYTES = 128 * MEGABYTE
# The pixels that JPEG, and the other formats, leave where the data ends.
FILLERS = {"JPEG": (127, 128), "MPO": (127, 128)}


class Loading:
    """One decoding of a picture. `is_incomplete` tells afterwards whether parts of the file are missing."""

    def __init__(self, opened: ImageFile.ImageFile, content: bytes, side: int, *, lenient: bool) -> None:
        self._opened, self._content, self._side, self._lenient = opened, content, side, lenient
        self._pixels = opened.width * opened.height  # before `draft`
        self.is_incomplete = False

    def load(self) -> Image.Image:
        """Returns the picture with 8 bits per channel, reduced to its working size; see `BandReducer`.

        Raises `UnreadableImage`.
        """
        opened = self._opened
        factor = reduction(*opened.size, self._side)
        with pillow_calls():  # decodes a large JPEG at half its size or less
            opened.draft("RGB", (opened.width // factor, opened.height // factor))
        is_large = whole_bytes(opened) > PLAIN_BYTES
        match opened.format:
            case "PNG" if is_large or self._lenient:
                return self._load_png()
            case "TIFF" if is_large or self._lenient:
                return self._load_tiff()
            case "HEIF" if is_large:
                return self._reduce(_bands_of_heif(self._content), opened.size)
        self._check_memory(whole_bytes(opened))
        with pillow_calls():
            opened.load()
        if self._lenient:
            self._look_for_missing_parts()
        return self._reduce(cut_into_bands(opened), opened.size)

    def _load_png(self) -> Image.Image:
        png = read_png(self._content)
        tiles, self._opened.tile = self._opened.tile, []  # so that reading EXIF decodes nothing
        if not tiles:
            raise UnreadableImage("The picture is broken or incomplete.")
        raw_mode = str(tiles[0].args)
        if png.exif:
            self._opened.info["exif"] = b"Exif\0\0" + png.exif
        if png.profile:
            self._opened.info["icc_profile"] = png.profile
        if png.interlaced:
            return self._load_interlaced(png, raw_mode)
        self._check_memory(8 * png.row_bytes(png.width) * rows_of_a_band(png.width))
        return self._reduce(bands_of_png(self._opened, raw_mode, self._content, png), self._opened.size)

    def _load_interlaced(self, png: Png, raw_mode: str) -> Image.Image:
        size = (-(-png.width // 2), -(-png.height // 2))
        self._check_memory(whole_bytes(self._opened) // 4)
        return self._reduce(half_of_interlaced(self._opened, raw_mode, self._content, png), size)

    def _load_tiff(self) -> Image.Image:
        directory = first_directory(self._content)
        rows = Strips.of(directory).rows_at_once
        self._check_memory(whole_bytes(self._opened) // self._opened.height * rows)
        self.is_incomplete = not has_all_strips(self._content, directory)
        return self._reduce(bands_of_tiff(self._opened, self._content, directory), self._opened.size)

    def _check_memory(self, in_one_piece: int) -> None:
        """Raises `PictureTooLarge` before anything is decoded."""
        needed = megabytes_needed(self._opened, self._content, in_one_piece=in_one_piece)
        if needed > limit_megabytes():
            raise PictureTooLarge(self._pixels, needed)

    def _reduce(self, bands: Iterator[Image.Image], size: tuple[int, int]) -> Image.Image:
        reducer = BandReducer(size, reduction(*size, self._side))
        rows = 0
        try:
            for band in bands:
                rows += band.height
                reducer.add(band)
        except UnreadableImage:
            if not (self._lenient and rows):
                raise
        self.is_incomplete |= rows < size[1]
        image = reducer.result()
        if image is None or (self.is_incomplete and not self._lenient):
            raise UnreadableImage("The picture is broken or incomplete.")
        image.info["icc_profile"] = self._opened.info.get("icc_profile")
        return image

    def _look_for_missing_parts(self) -> None:
        """Notes whether the end of the picture is as the decoder leaves it when the file ends before it.

        Raises `UnreadableImage` when all of it is.
        """
        fillers = FILLERS.get(self._opened.format or "", (0,))
        if all(low in fillers and high in fillers for low, high in _ranges(self._opened)):
            raise UnreadableImage("The picture is broken or incomplete.")
        width, height = self._opened.size
        top = 0 if self._opened.format == "BMP" else height - 1  # a BMP begins with its last row
        end = self._opened.crop((width - 1, top, width, top + 1))
        self.is_incomplete = all(low in fillers for low, _ in _ranges(end))


def _ranges(image: Image.Image) -> list[tuple[float, float]]:
    """Returns the least and the greatest value of each channel."""
    return [channel.getextrema() for channel in image.split()]  # type: ignore[misc]  # one channel has one range


def _bands_of_heif(content: bytes) -> Iterator[Image.Image]:
    """Yields a HEIC picture from top to bottom, without a second copy of it in Pillow's form."""
    from pillow_heif import open_heif

    with pillow_calls():
        file = open_heif(BytesIO(content), convert_hdr_to_8bit=True)
        picture = file[file.primary_index]
        pixels, stride = memoryview(picture.data), picture.stride
        width, height = picture.size
        for top in range(0, height, rows_of_a_band(width)):
            rows = min(rows_of_a_band(width), height - top)
            part = pixels[top * stride : (top + rows) * stride]
            yield Image.frombytes(picture.mode, (width, rows), bytes(part), "raw", picture.mode, stride)
