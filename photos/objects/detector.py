"""A detection network in a file: the one interface to all families."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photos.objects.base import Decoder, DetectedObject, UnusableModel
from photos.objects.coco import NAMES
from photos.objects.fastestdet import FastestDetDecoder
from photos.objects.yolo import YoloDecoder, YoloEndToEndDecoder

DECODERS: tuple[Decoder, ...] = (FastestDetDecoder(), YoloDecoder(), YoloEndToEndDecoder())


class ObjectDetector:
    """Says which of the COCO classes a picture shows. Raises `UnusableModel` when it is made."""

    def __init__(self, path: Path) -> None:
        self._session = _open(path)
        self._input = self._session.get_inputs()[0]
        self._decoder = _decoder_for(self._session.get_outputs()[0].shape)
        side = self._input.shape[-1]
        self._side = side if isinstance(side, int) else self._decoder.side
        try:
            self.find_objects(np.zeros((8, 8, 3), np.uint8))
        except _errors() as error:
            raise UnusableModel("it does not take a square picture") from error

    def find_objects(self, picture: NDArray[np.uint8]) -> list[DetectedObject]:
        """The classes on an RGB picture of shape (height, width, 3), each once, the surest first."""
        encoded = np.ascontiguousarray(self._decoder.encode(picture, self._side))
        scores = self._decoder.scores(self._session.run(None, {self._input.name: encoded})[0])
        if len(scores) > len(NAMES):
            raise ValueError("more classes than COCO has")
        sure = np.flatnonzero(scores >= self._decoder.threshold)
        order = sure[np.argsort(-scores[sure], kind="stable")]
        return [DetectedObject(NAMES[number], float(scores[number])) for number in order]


def _open(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # the worker's processes use the cores
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except _errors() as error:
        raise UnusableModel("it is no ONNX network") from error
    return session


def _errors() -> tuple[type[Exception], ...]:
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    names = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoSuchFile", "NotImplemented")
    own = (getattr(state, name) for name in (*names, "RuntimeException"))
    return ValueError, IndexError, RuntimeError, *own


def _decoder_for(output: list[int | str | None]) -> Decoder:
    for decoder in DECODERS:
        if decoder.fits(output):
            return decoder
    raise UnusableModel("its output is that of no family that is known")
