"""The networks that come with this project: `weights/`, whose README tells where they are from.

A file is used only when its SHA-256 is the one in `weights/SHA256SUMS`.
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from core.onnx_sessions import open_session
from faces.engine.base import EngineUnavailable

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

FOLDER = Path(__file__).parent / "weights"
SUMS = "SHA256SUMS"
CENTERFACE, MOBILEFACENET = "centerface.onnx", "mobilefacenet.onnx"
FILES = (CENTERFACE, MOBILEFACENET)


def verified_weights(name: str) -> bytes:
    """Returns the content of the file. Raises `EngineUnavailable` when it is missing or not what it should be."""
    path = FOLDER / name
    try:
        listed = (FOLDER / SUMS).read_text()
        content = path.read_bytes()
    except OSError as error:
        raise EngineUnavailable(f"{error.filename} cannot be read: {error.strerror}.") from error
    if f"{hashlib.sha256(content).hexdigest()}  {name}" not in listed.splitlines():
        raise EngineUnavailable(f"{path} is damaged: its SHA-256 is not the one in {SUMS}.")
    return content


def open_network(name: str) -> "InferenceSession":
    """Opens the network for one core. Without an arena, memory goes back after each picture. Raises like above."""
    return open_session(verified_weights(name), keep_memory=False)
