"""The detector and its decoders, on made-up outputs and (where there is a model) on photographs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
from django.core.checks import run_checks
from numpy.typing import ArrayLike
from pytest_django import Settings

from conftest import SHARED
from core.tests.presence import present
from photos.images import read_picture
from photos.objects import DetectedObject, ObjectDetector, base, detector, get_detector
from photos.objects.coco import NAMES
from photos.objects.fastestdet import FastestDetDecoder
from photos.objects.yolo import YoloDecoder, YoloEndToEndDecoder

PICTURE = np.zeros((40, 80, 3), np.uint8)
PICTURE[:, :, 0] = 255  # red


class Network:
    """A fake ONNX session that returns the given output."""

    def __init__(
        self, output: np.ndarray, shape: Sequence[int | str] | None = None, side: int | str = 320
    ) -> None:
        self.output, self.name, self.shape = output, "images", [1, 3, side, side]
        self.declared = output.shape if shape is None else shape

    def get_inputs(self) -> list[Self]:
        return [self]

    def get_outputs(self) -> list["Network | Output"]:
        return [Network(self.output, side=0) if self.declared is None else Output(self.declared)]

    def run(self, _names: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        (self.seen,) = inputs.values()
        return [self.output]


class Output:
    def __init__(self, shape: Sequence[int | str]) -> None:
        self.shape = list(shape)


@pytest.fixture
def detector_with(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[ObjectDetector, Network]]:
    def make(output: ArrayLike, **options: Any) -> tuple[ObjectDetector, Network]:
        network = Network(np.asarray(output, np.float32), **options)
        monkeypatch.setattr(detector, "_open", lambda _path: network)
        return detector.ObjectDetector(Path("model.onnx")), network

    return make


def names_of(found: list[DetectedObject]) -> list[str]:
    return [item.name for item in found]


def test_fastestdet_scores_are_objectness_and_class_weighed(
    detector_with: Callable[..., tuple[ObjectDetector, Network]],
) -> None:
    output = np.zeros((1, 85, 2, 2))
    output[0, 0, 0, 0], output[0, 5 + NAMES.index("bus"), 0, 0] = 0.9, 0.8
    output[0, 0, 1, 1], output[0, 5 + NAMES.index("dog"), 1, 1] = 0.6, 0.5
    output[0, 0, 1, 0], output[0, 5 + NAMES.index("cat"), 1, 0] = 0.4, 0.4
    found = detector_with(output)[0].find_objects(PICTURE)
    assert names_of(found) == ["bus", "dog"]
    assert found[0].score == pytest.approx(0.9**0.6 * 0.8**0.4, abs=1e-6)


def test_yolo_classes_are_each_named_once_the_surest_first(
    detector_with: Callable[..., tuple[ObjectDetector, Network]],
) -> None:
    output = np.zeros((1, 84, 10))
    output[0, 4 + NAMES.index("person"), [1, 2, 3]] = 0.4, 0.6, 0.5
    output[0, 4 + NAMES.index("kite"), 7] = 0.7
    output[0, 4 + NAMES.index("cat"), 8] = 0.2
    assert names_of(detector_with(output)[0].find_objects(PICTURE)) == ["kite", "person"]


def test_yolo_with_built_in_nms_is_supported(
    detector_with: Callable[..., tuple[ObjectDetector, Network]],
) -> None:
    output = [[[0, 0, 9, 9, 0.9, 0], [0, 0, 9, 9, 0.5, 16], [0, 0, 9, 9, 0.8, 0], [0, 0, 9, 9, 0.1, 15]]]
    assert names_of(detector_with(output)[0].find_objects(PICTURE)) == ["person", "dog"]
    assert detector_with(np.zeros((1, 300, 6)))[0].find_objects(PICTURE) == []


def test_each_family_encodes_pictures_in_its_own_way(
    detector_with: Callable[..., tuple[ObjectDetector, Network]],
) -> None:
    network = detector_with(np.zeros((1, 85, 22, 22)), side=352)[1]
    stretched = FastestDetDecoder().encode(PICTURE, 352)
    assert stretched.shape == network.seen.shape == (1, 3, 352, 352)
    assert stretched[0, :, 0, 0].tolist() == [0, 0, 1]  # BGR
    boxed = YoloDecoder().encode(PICTURE, 640)
    assert boxed[0, :, 320, 320].tolist() == [1, 0, 0]  # RGB
    assert boxed[0, :, 0, 0].tolist() == pytest.approx([114 / 255] * 3)
    assert YoloEndToEndDecoder().encode(PICTURE[:1, :1], 64).shape == (1, 3, 64, 64)


def test_a_network_without_a_fixed_size_gets_the_size_of_its_family(
    detector_with: Callable[..., tuple[ObjectDetector, Network]],
) -> None:
    network = detector_with(np.zeros((1, 84, 10)), shape=["batch", 84, "anchors"], side="width")[1]
    assert network.seen.shape == (1, 3, 640, 640)


@pytest.mark.parametrize("shape", [(1, 2), (1, 200, 10), (1, 2, 3, 4, 5)])
def test_a_network_of_no_known_family_is_refused(
    detector_with: Callable[..., tuple[ObjectDetector, Network]], shape: tuple[int, ...]
) -> None:
    with pytest.raises(base.UnusableModel):
        detector_with(np.zeros(shape))


@pytest.mark.parametrize("content", [b"", b"no network", b"\x08\x07" * 50])
def test_without_a_valid_network_pictures_get_no_classes(
    settings: Settings, tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    settings.OBJECT_MODEL = tmp_path / "model.onnx"
    settings.OBJECT_MODEL.write_bytes(content)
    assert get_detector() is None
    assert "cannot be used" in caplog.text


def test_a_missing_file_is_no_concern_of_every_command(settings: Settings, tmp_path: Path) -> None:
    settings.OBJECT_MODEL = tmp_path / "model.onnx"
    assert get_detector() is None
    assert not [message for message in run_checks() if "OBJECT_MODEL" in message.msg]


@pytest.fixture
def real_detector(settings: Settings) -> ObjectDetector:
    shared = SHARED / "models/FastestDet.onnx"
    if not Path(settings.OBJECT_MODEL).is_file():
        settings.OBJECT_MODEL = shared
    if not Path(settings.OBJECT_MODEL).is_file():
        pytest.skip("no object model: neither OBJECT_MODEL nor the development one is here")
    return present(get_detector())


@pytest.mark.real_engine
@pytest.mark.parametrize(
    ("name", "objects"),
    [("0.jpg", ["person", "baseball bat"]), ("1.jpg", ["bus"]), ("3.jpg", ["person", "sports ball"])],
)
def test_objects_of_photographs_are_found(
    real_detector: ObjectDetector, shared_photos: Path, name: str, objects: list[str]
) -> None:
    picture = read_picture((shared_photos / "objects" / name).read_bytes())
    assert set(objects) <= set(names_of(real_detector.find_objects(picture.pixels)))
