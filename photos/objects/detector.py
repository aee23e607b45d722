"""Loads a detection network from a file and finds objects with it, whatever its family."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.onnx_sessions import open_session
from photos.objects.base import Decoder, DetectedObject, UnusableModel
from photos.objects.coco import NAMES
from photos.objects.fastestdet import FastestDetDecoder
from photos.objects.yolo import YoloDecoder, YoloEndToEndDecoder

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

DECODERS: tuple[Decoder, ...] = (FastestDetDecoder(), YoloDecoder(), YoloEndToEndDecoder())


class ObjectDetector:
    """Finds the COCO classes that a picture shows. The constructor raises `UnusableModel`."""

    def __init__(self, path: Path) -> None:
        self._session = _open(path)
        self._input = self._session.get_inputs()[0]
        shape = self._session.get_outputs()[0].shape
        decoder = next((decoder for decoder in DECODERS if decoder.fits(shape)), None)
        if decoder is None:
            raise UnusableModel("its output is that of no known family")
        self._decoder = decoder
        side = self._input.shape[-1]
        self._side = side if isinstance(side, int) else self._decoder.side
        try:
            self.find_objects(np.zeros((8, 8, 3), np.uint8))
        except _errors() as error:
            raise UnusableModel("it does not take a square picture") from error

    def find_objects(self, picture: NDArray[np.uint8]) -> list[DetectedObject]:
        """Returns the classes on an RGB picture of shape (height, width, 3), the highest score first."""
        encoded = np.ascontiguousarray(self._decoder.encode(picture, self._side))
        scores = self._decoder.scores(self._session.run(None, {self._input.name: encoded})[0])
        if len(scores) > len(NAMES):
            raise ValueError("more classes than COCO has")
        found = np.flatnonzero(scores >= self._decoder.threshold)
        order = found[np.argsort(-scores[found], kind="stable")]
        return [DetectedObject(NAMES[number], float(scores[number])) for number in order]


def _open(path: Path) -> "InferenceSession":
    try:
        return open_session(path, keep_memory=True)
    except _errors() as error:
        raise UnusableModel("it is no ONNX network") from error


def _errors() -> tuple[type[Exception], ...]:
    """Returns what ONNX Runtime raises for a bad file or input."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    names = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoSuchFile", "NotImplemented")
    own = (getattr(state, name) for name in (*names, "RuntimeException"))
    return ValueError, IndexError, RuntimeError, *own
