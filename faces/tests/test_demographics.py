"""Age and gender of a user: known only where an operator has installed deepface's weights."""

import sys
import types
from pathlib import Path

import numpy as np
import pytest
from pytest_django import Settings

from conftest import MakePicture, Person
from core.tests.answers import Json
from core.tests.presence import present
from faces.engine.demographics import WEIGHTS
from faces.services.demographics import MAX_SELFIES, estimate_user_demographics


@pytest.fixture
def with_weights(settings: Settings, tmp_path: Path) -> Path:
    settings.DEEPFACE_HOME = tmp_path / "deepface"
    folder = Path(settings.DEEPFACE_HOME) / ".deepface" / "weights"
    folder.mkdir(parents=True)
    for name in WEIGHTS:
        (folder / name).touch()
    return folder


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The pictures that deepface got; the fake estimates each as ten years older than the one before."""
    given: list[np.ndarray] = []

    def analyze(picture: np.ndarray, actions: tuple[str, str], **options: object) -> list[dict[str, Json]]:
        assert set(actions) == {"age", "gender"}
        assert options["detector_backend"] == "skip"
        given.append(picture)
        return [{"age": 20 + 10 * len(given), "gender": {"Man": 80.0, "Woman": 20.0}}]

    for name in ("deepface", "deepface.modules"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    module = types.ModuleType("deepface.modules.demography")
    vars(module)["analyze"] = analyze
    monkeypatch.setitem(sys.modules, "deepface.modules.demography", module)
    return given


def test_without_weights_nothing_is_known(
    owner: Person, make_picture: MakePicture, analysed: list[np.ndarray]
) -> None:
    owner.post("/me/selfie", {"file": make_picture(0)})
    assert estimate_user_demographics(user=owner.user) is None
    assert analysed == []


def test_some_of_the_weights_are_not_enough(
    owner: Person, make_picture: MakePicture, analysed: list[np.ndarray], with_weights: Path
) -> None:
    (with_weights / WEIGHTS[0]).unlink()
    owner.post("/me/selfie", {"file": make_picture(0)})
    assert estimate_user_demographics(user=owner.user) is None


def test_a_user_without_selfies_is_unknown(owner: Person, with_weights: Path, analysed: list[np.ndarray]) -> None:
    assert estimate_user_demographics(user=owner.user) is None


def test_the_estimate_is_the_mean_over_the_newest_selfies(
    owner: Person, make_picture: MakePicture, with_weights: Path, analysed: list[np.ndarray]
) -> None:
    for seed in range(MAX_SELFIES + 2):
        owner.post("/me/selfie", {"file": make_picture(0, seed=seed)})
    looks = present(estimate_user_demographics(user=owner.user))
    assert (looks.years, looks.male_probability) == (40, pytest.approx(0.8))
    assert len(analysed) == MAX_SELFIES


def test_deepface_is_given_the_face_alone_in_its_own_order_of_colours(
    owner: Person, make_picture: MakePicture, with_weights: Path, analysed: list[np.ndarray]
) -> None:
    owner.post("/me/selfie", {"file": make_picture(0)})
    estimate_user_demographics(user=owner.user)
    (face,) = analysed
    assert face.shape == (40, 40, 3)
    assert tuple(face[20, 20]) == (30, 30, 200)  # red, in BGR


def test_refused_selfies_and_those_of_others_do_not_count(
    owner: Person, member: Person, make_picture: MakePicture, with_weights: Path, analysed: list[np.ndarray]
) -> None:
    owner.post("/me/selfie", {"file": make_picture(0, 1)})
    member.post("/me/selfie", {"file": make_picture(0)})
    assert estimate_user_demographics(user=owner.user) is None
