"""What is special about the engine by CenterFace and MobileFaceNet: weights, gate, second look, deepface's registry."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter
from pytest_django import Settings

from faces.checks import check_weights
from faces.engine import EngineUnavailable, weight_files
from faces.engine.centerface import LONG, SHORT, CenterFace, Detection
from faces.engine.deepface import DeepFaceEngine
from faces.engine.deepface_models import DeepFaceModels
from faces.engine.matching import match_faces
from faces.engine.mobilefacenet import TEMPLATE, MobileFaceNet, cut_chip
from faces.engine.onnx_engine import LIMITS, OnnxEngine
from faces.engine.weight_files import CENTERFACE, FILES, FOLDER, MOBILEFACENET, SUMS, verified_weights
from photos.images import read_picture
from pickeez_site.operations.demo.pictures import SOURCES, selfie

pytestmark = pytest.mark.real_engine


@pytest.fixture(scope="module")
def engine() -> OnnxEngine:
    return OnnxEngine()


@pytest.fixture(scope="module")
def grace() -> NDArray[np.uint8]:
    return read_picture(selfie("Grace")).pixels


def test_every_file_of_weights_is_listed_with_its_checksum_and_told_of() -> None:
    sums = {name: digest for digest, name in map(str.split, (FOLDER / SUMS).read_text().splitlines())}
    assert set(sums) == set(FILES) == {path.name for path in FOLDER.glob("*.onnx")}
    for name, digest in sums.items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest
        assert digest in (FOLDER / "README.md").read_text()


@pytest.fixture
def own_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(weight_files, "FOLDER", Path(shutil.copytree(FOLDER, tmp_path / "weights")))
    return weight_files.FOLDER


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_of_weights_stops_the_start_and_is_named(
    own_weights: Path, name: str, settings: Settings
) -> None:
    settings.FACE_ENGINE = "faces.engine.deepface.DeepFaceEngine"
    (own_weights / name).chmod(0o600)
    with (own_weights / name).open("r+b") as file:
        file.seek(1000)
        file.write(b"damaged")
    with pytest.raises(CommandError, match=f"{name} is damaged"):
        call_command("check")
    with pytest.raises(EngineUnavailable, match=name):
        {CENTERFACE: CenterFace, MOBILEFACENET: MobileFaceNet}[name]()


@pytest.mark.parametrize(
    ("model", "detector", "needed"),
    [
        ("MobileFaceNet", "centerface", {CENTERFACE, MOBILEFACENET}),
        ("ArcFace", "centerface", {CENTERFACE}),
        ("MobileFaceNet", "yunet", {MOBILEFACENET}),
        ("Dlib", "dlib", set()),
    ],
)
def test_only_the_weights_that_the_engine_needs_stop_the_start(
    own_weights: Path, settings: Settings, model: str, detector: str, needed: set[str]
) -> None:
    for name in FILES:
        (own_weights / name).unlink()
    settings.FACE_ENGINE = "faces.engine.deepface.DeepFaceEngine"
    settings.FACE_MODEL, settings.FACE_DETECTOR = model, detector
    assert {Path(error.msg.split(" cannot")[0]).name for error in check_weights(None)} == needed
    settings.FACE_ENGINE = "faces.tests.fake_engine.FakeEngine"
    assert check_weights(None) == []


def test_a_missing_file_of_weights_is_named_with_the_reason(own_weights: Path) -> None:
    (own_weights / FILES[0]).unlink()
    with pytest.raises(EngineUnavailable, match=rf"{FILES[0]} cannot be read: No such file"):
        verified_weights(FILES[0])


def test_a_good_face_is_above_the_gate_and_a_blurred_one_below(
    engine: OnnxEngine, grace: NDArray[np.uint8]
) -> None:
    (face,) = engine.find_faces(grace)
    assert face.embedding.shape == (192,)
    assert np.linalg.norm(face.embedding) == pytest.approx(1, abs=1e-4)
    assert face.quality
    assert face.quality > 60
    assert LIMITS.allow(face)
    image = Image.fromarray(grace)
    blurred = image.filter(ImageFilter.GaussianBlur(image.width / 30))
    assert not any(map(LIMITS.allow, engine.find_faces(np.asarray(blurred))))


def test_a_face_keeps_its_embedding_at_any_size_and_turned_a_little(
    engine: OnnxEngine, grace: NDArray[np.uint8]
) -> None:
    (face,) = engine.find_faces(grace)
    image = Image.fromarray(grace)
    smaller = image.resize((image.width // 3, image.height // 3), Image.Resampling.LANCZOS)
    for other in (smaller, image.rotate(20, Image.Resampling.BICUBIC, expand=True)):
        (same,) = engine.find_faces(np.asarray(other))
        assert np.linalg.norm(face.embedding - same.embedding) < 0.6


def test_a_chip_has_the_landmarks_where_the_network_expects_them() -> None:
    """A dot at each landmark, turned, at several sizes: it lies on its place of the template."""
    for scale in (0.7, 1.6, 5.0):
        turn = scale * np.exp(0.4j)
        points = TEMPLATE @ (1, 1j) * turn + complex(900, 400)
        picture = np.zeros((1600, 1800), np.uint8)
        ys, xs = np.ogrid[: picture.shape[0], : picture.shape[1]]
        for point in points:
            picture[(xs - point.real) ** 2 + (ys - point.imag) ** 2 < (3 * scale) ** 2] = 255
        chip = cut_chip(np.stack([picture] * 3, axis=2), np.stack([points.real, points.imag], axis=1))
        for x, y in TEMPLATE:
            around = chip[round(y) - 6 : round(y) + 7, round(x) - 6 : round(x) + 7, 0].astype(float)
            rows, columns = np.mgrid[-6:7, -6:7]
            centre = (around * columns).sum() / around.sum(), (around * rows).sum() / around.sum()
            assert centre == pytest.approx((x - round(x), y - round(y)), abs=0.5)


@pytest.mark.parametrize("shape", [(1, 5000), (5000, 1), (1, 1), (20, 20), (2000, 40)])
def test_a_picture_of_any_shape_is_searched(engine: OnnxEngine, shape: tuple[int, int]) -> None:
    assert engine.find_faces(np.full((*shape, 3), 90, np.uint8)) == []


def poster(grace: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A portrait on the wall, seen from aside, small and pale."""
    wall = Image.new("RGB", (1600, 1200), (190, 185, 170))
    printed = Image.fromarray(grace).resize((300, round(300 * grace.shape[0] / grace.shape[1])))
    slanted = printed.transform(printed.size, Image.Transform.AFFINE, (1.1, 0.08, 0, 0, 1, 0))
    wall.paste(ImageEnhance.Contrast(slanted).enhance(0.6), (900, 300))
    return np.asarray(wall)


def statue(grace: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A head of stone: without colour, and with nothing but its relief."""
    stone = Image.fromarray(grace).convert("L").filter(ImageFilter.GaussianBlur(3)).filter(ImageFilter.EMBOSS)
    return np.asarray(stone.convert("RGB"))


def masked(grace: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mouth and nose are covered."""
    (face,) = OnnxEngine().find_faces(grace)
    picture, box = grace.copy(), face.box
    top = box.y + round(0.55 * box.height)
    picture[top : box.y + box.height + 8, max(0, box.x - 4) : box.x + box.width + 4] = (225, 230, 235)
    return picture


def twenty_pixels(grace: NDArray[np.uint8]) -> NDArray[np.uint8]:
    (face,) = OnnxEngine().find_faces(grace)
    image = Image.fromarray(grace)
    scale = 20 / face.box.width
    small = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    picture = Image.new("RGB", (640, 480), (90, 120, 90))
    picture.paste(small, (200, 200))
    return np.asarray(picture)


def upside_down(grace: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(grace[::-1, ::-1])


@pytest.mark.parametrize("spoil", [poster, statue, masked, twenty_pixels, upside_down])
def test_a_face_that_is_hardly_one_is_never_somebody_else(
    engine: OnnxEngine,
    grace: NDArray[np.uint8],
    spoil: Callable[[NDArray[np.uint8]], NDArray[np.uint8]],
) -> None:
    references = {}
    for name in SOURCES:
        (known,) = engine.find_faces(read_picture(selfie(name)).pixels)
        references[name] = known.embedding[None]
    found = [face for face in engine.find_faces(spoil(grace)) if LIMITS.allow(face)]
    matched = match_faces(
        np.array([face.embedding for face in found]).reshape(-1, 192), list(range(len(found))), references, LIMITS
    )
    assert {user for _, user in matched} <= {"Grace"}


def test_forty_faces_are_found_and_each_once(engine: OnnxEngine, grace: NDArray[np.uint8]) -> None:
    twenty = Image.fromarray(group(grace, 60))
    forty = Image.new("RGB", (twenty.width, 2 * twenty.height))
    forty.paste(twenty, (0, 0))
    forty.paste(twenty, (0, twenty.height))
    found = engine.find_faces(np.asarray(forty))
    assert len(found) == 40
    assert all(map(LIMITS.allow, found))


def test_a_face_at_the_edge_stays_in_the_picture(engine: OnnxEngine, grace: NDArray[np.uint8]) -> None:
    (face,) = engine.find_faces(grace)
    middle = face.box.x + face.box.width // 2
    for half in (grace[:, :middle], grace[:, middle:]):
        for part in engine.find_faces(np.ascontiguousarray(half)):
            assert 0 <= part.box.x < part.box.x + part.box.width <= half.shape[1]


def group(grace: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """Twenty faces of that width on a picture of 1800 by 1200 pixels."""
    (face,) = OnnxEngine().find_faces(grace)
    left, top = max(0, face.box.x - face.box.width // 2), max(0, face.box.y - face.box.height // 3)
    cut = Image.fromarray(grace).crop((left, top, left + 2 * face.box.width, top + 5 * face.box.height // 3))
    size = 2 * width, round(cut.height * 2 * width / cut.width)
    picture = Image.new("RGB", (1800, 1200), (90, 120, 90))
    for number in range(20):
        place = 60 + 340 * (number % 5), 60 + 280 * (number // 5)
        picture.paste(cut.resize(size, Image.Resampling.LANCZOS), place)
    return np.asarray(picture)


def test_small_faces_of_a_group_get_a_second_look(
    engine: OnnxEngine, grace: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    (face,) = engine.find_faces(grace)
    detector, frames = engine._detector, list[tuple[int, ...]]()
    search = detector._search

    def watched(picture: NDArray[np.uint8]) -> list[Detection]:
        frames.append(picture.shape[:2])
        return search(picture)

    monkeypatch.setattr(detector, "_search", watched)
    for width, looks in ((120, 1), (32, 5)):
        picture = group(grace, width)
        frames.clear()
        found = engine.find_faces(picture)
        assert len(frames) == looks
        assert max(rows for rows, _ in frames) <= SHORT
        assert max(columns for _, columns in frames) <= LONG
        assert len(found) == 20
        assert all(LIMITS.allow(other) for other in found)
        assert max(np.linalg.norm(face.embedding - other.embedding) for other in found) < LIMITS.threshold


@pytest.mark.parametrize("size", [(1800, 1200), (1200, 1800), (1500, 1500), (2000, 700)])
def test_a_second_look_finds_small_faces_wherever_they_are_and_each_once(
    engine: OnnxEngine, grace: NDArray[np.uint8], size: tuple[int, int]
) -> None:
    """Also where two parts of the picture meet, and where they overlap."""
    small = Image.fromarray(group(grace, 32)).crop((60, 60, 124, 130))
    picture = Image.new("RGB", size, (90, 120, 90))
    places = [(x, y) for x in range(20, size[0] - 70, 130) for y in range(20, size[1] - 70, 130)]
    for place in places:
        picture.paste(small, place)
    found = engine._detector.look_closer(np.asarray(picture))
    centres = {tuple(((face.corners[:2] + face.corners[2:]) / 2 - 20) // 130) for face in found}
    assert len(found) == len(centres) == len(places)


class StandIn:
    """A network of deepface's registry, without weights: it tells the mean colour of a face."""

    model_name, input_shape, output_shape = "SFace", (112, 112), 3

    def forward(self, img: NDArray[np.float32]) -> list[float] | list[list[float]]:
        colours: list[list[float]] = img.mean(axis=(1, 2)).tolist()
        return colours[0] if len(colours) == 1 else colours


def test_another_model_of_the_registry_describes_the_faces_that_our_detector_finds(
    monkeypatch: pytest.MonkeyPatch, grace: NDArray[np.uint8]
) -> None:
    from deepface.modules import modeling

    sources = {"any": f"{__name__}.StandIn"}
    monkeypatch.setitem(modeling.AVAILABLE_MODELS["facial_recognition"], "SFace", sources)
    monkeypatch.setattr(modeling, "cached_models", {task: {} for task in modeling.AVAILABLE_MODELS}, raising=False)
    monkeypatch.setattr(settings, "FACE_MODEL", "SFace")
    monkeypatch.setattr(settings, "FACE_DETECTOR", "centerface")
    engine = DeepFaceEngine()
    assert (engine.name, engine.limits.threshold) == ("centerface/deepface-aligned/SFace", 1.055)
    (face,) = engine.find_faces(grace)
    (ours,) = OnnxEngine().find_faces(grace)
    assert abs(face.box.x - ours.box.x) < ours.box.width / 4
    assert (face.embedding.shape, face.quality) == ((3,), None)
    assert engine.limits.allow(face)


def test_our_network_describes_the_faces_that_another_detector_finds(grace: NDArray[np.uint8]) -> None:
    from faces.engine.deepface_home import link_dlib_weights

    link_dlib_weights(Path(settings.DEEPFACE_HOME))
    engine = DeepFaceModels("MobileFaceNet", "dlib")
    (face,) = engine.find_faces(grace)
    assert engine.limits.threshold == LIMITS.threshold
    assert face.embedding.shape == (192,)
    (same,) = engine.find_faces(np.ascontiguousarray(grace[:, ::-1]))
    assert np.linalg.norm(face.embedding - same.embedding) < LIMITS.threshold


def test_the_registry_makes_each_session_once() -> None:
    one, other = OnnxEngine(), OnnxEngine()
    assert one._detector is other._detector
    assert one._network is other._network
