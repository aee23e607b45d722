import io

import numpy as np
import pytest
from PIL import Image

from photos.images import make_renditions, read_picture
from photos.tests.pictures import compass, flat, saved

MARKED = {"watermark": "medium", "watermark_small": "small", "watermark_square": "square"}


def made(image: Image.Image, text: str = "PROOF") -> dict[str, np.ndarray]:
    files = make_renditions(read_picture(saved(image)), text)
    return {file.kind: np.asarray(Image.open(io.BytesIO(file.data))).astype(int) for file in files}


def difference(pictures: dict[str, np.ndarray], marked: str) -> np.ndarray:
    return np.abs(pictures[marked] - pictures[MARKED[marked]]).max(axis=2)


@pytest.mark.parametrize("colour", ["black", "white", "grey", "red", (60, 60, 60), (200, 200, 200)])
@pytest.mark.parametrize("marked", MARKED)
@pytest.mark.parametrize("size", [(2000, 1500), (700, 1800), (400, 300)])
def test_the_text_stands_out_on_light_and_dark_pictures(
    colour: str | tuple[int, int, int], marked: str, size: tuple[int, int]
) -> None:
    change = difference(made(flat(colour, size)), marked)
    assert 0.05 < (change > 30).mean() < 0.5  # enough to be read, and not so much that nothing else is


@pytest.mark.parametrize("marked", MARKED)
def test_no_piece_worth_having_can_be_cut_out(marked: str) -> None:
    change = difference(made(flat((128, 128, 128), (2000, 1500))), marked) > 25
    side = max(change.shape) // 5
    height, width = change.shape
    for top in range(0, height - side + 1, side // 4):
        for left in range(0, width - side + 1, side // 4):
            assert change[top : top + side, left : left + side].mean() > 0.02


def test_another_text_is_another_mark_and_the_plain_renditions_have_none() -> None:
    first, second = made(compass(), "PROOF"), made(compass(), "Studio")
    for marked, plain in MARKED.items():
        assert not np.array_equal(first[marked], second[marked])
        assert np.array_equal(first[plain], second[plain])


@pytest.mark.parametrize("text", ["", " ", "\n", "\u200b", "x" * 500, "Ärzte ©", "写真", "a\nb", "😀"])
def test_no_text_leaves_a_picture_unmarked(text: str) -> None:
    pictures = made(flat("grey", (800, 600)), text)
    for marked in MARKED:
        assert (difference(pictures, marked) > 25).mean() > 0.02


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (30, 20), (3000, 10)])
def test_a_tiny_picture_has_marked_renditions_too(size: tuple[int, int]) -> None:
    assert set(made(flat("grey", size))) == {*MARKED, *MARKED.values()}
