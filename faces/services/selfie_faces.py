"""Which face of a selfie is its user's, or what is wrong with the picture, in words for them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from faces.engine import DetectedFace, get_engine

# A face is far in front when it is at least this many times as large as the next one.
FAR_IN_FRONT = 2.0
SMALLEST = 32  # pixels: a narrower face tells too little, and one that looks sharp is so by chance
TURNS = {2: "is upside down", 1: "lies on its side", 3: "lies on its side"}  # quarters of a turn that put it right


class UnusableSelfie(Exception):
    """The picture shows no single good face; the argument says why, and what to do."""


def face_of_selfie(picture: NDArray[np.uint8], faces: Sequence[DetectedFace]) -> DetectedFace:
    """Returns the one of these faces, largest first, that is alone or far in front. Raises `UnusableSelfie`."""
    limits = get_engine().limits
    people = [face for face in faces if limits.min_score is None or face.score >= limits.min_score]
    if len(people) > 1 and not _is_far_in_front(people):
        raise UnusableSelfie(f"The picture shows {len(people)} faces. Give one of you alone.")
    if people and _is_good(people[0]):
        return people[0]
    if turned := _how_it_is_turned(picture):
        raise UnusableSelfie(f"The picture {turned}. Turn it, and give it again.")
    if not people:
        raise UnusableSelfie("The picture shows no face. Give one of you alone.")
    width = people[0].box.width
    if width < 2 * SMALLEST:
        raise UnusableSelfie(f"The face is too small: {width} pixels wide. Give a picture from nearer.")
    raise UnusableSelfie("The face is blurred, covered or turned away. Give a sharp picture from the front.")


def _is_good(face: DetectedFace) -> bool:
    return get_engine().limits.allow(face) and face.box.width >= SMALLEST


def _is_far_in_front(faces: Sequence[DetectedFace]) -> bool:
    first, second = (max(face.box.width, face.box.height) for face in faces[:2])
    return first >= FAR_IN_FRONT * second


def _how_it_is_turned(picture: NDArray[np.uint8]) -> str:
    """Returns how the picture lies, if a face in it is only recognisable when it is turned; else ""."""
    for quarters, words in TURNS.items():
        if any(map(_is_good, get_engine().find_faces(np.ascontiguousarray(np.rot90(picture, quarters))))):
            return words
    return ""
