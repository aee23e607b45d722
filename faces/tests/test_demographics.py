"""Age and gender of a user: known only where an operator has installed deepface's weights."""

import sys
import types
from pathlib import Path

import numpy as np
import pytest

from faces.engine.demographics import WEIGHTS, Looks
from faces.services.demographics import MAX_SELFIES, looks_of_user


@pytest.fixture
def with_weights(settings, tmp_path):
    settings.DEEPFACE_HOME = tmp_path / "deepface"
    folder = Path(settings.DEEPFACE_HOME) / ".deepface" / "weights"
    folder.mkdir(parents=True)
    for name in WEIGHTS:
        (folder / name).touch()
    return folder


@pytest.fixture
def analysed(monkeypatch) -> list[np.ndarray]:
    """The pictures that deepface was given; the stand-in finds each one ten years older than the one before."""
    given: list[np.ndarray] = []

    def analyze(picture, actions, **options):
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


def test_without_weights_nothing_is_known(owner, make_picture, analysed):
    owner.post("/me/selfie", {"file": make_picture(0)})
    assert looks_of_user(user=owner.user) is None
    assert analysed == []


def test_some_of_the_weights_are_not_enough(owner, make_picture, analysed, with_weights):
    (with_weights / WEIGHTS[0]).unlink()
    owner.post("/me/selfie", {"file": make_picture(0)})
    assert looks_of_user(user=owner.user) is None


def test_a_user_without_selfies_is_unknown(owner, with_weights, analysed):
    assert looks_of_user(user=owner.user) is None


def test_looks_are_the_mean_over_the_newest_selfies(owner, make_picture, with_weights, analysed):
    for seed in range(MAX_SELFIES + 2):
        owner.post("/me/selfie", {"file": make_picture(0, seed=seed)})
    assert looks_of_user(user=owner.user) == Looks(years=40, maleness=pytest.approx(0.8))
    assert len(analysed) == MAX_SELFIES


def test_deepface_is_given_the_face_alone_in_its_own_order_of_colours(owner, make_picture, with_weights, analysed):
    owner.post("/me/selfie", {"file": make_picture(0)})
    looks_of_user(user=owner.user)
    (face,) = analysed
    assert face.shape == (40, 40, 3)
    assert tuple(face[20, 20]) == (30, 30, 200)  # red, in BGR


def test_refused_selfies_and_those_of_others_do_not_count(owner, member, make_picture, with_weights, analysed):
    owner.post("/me/selfie", {"file": make_picture(0, 1)})
    member.post("/me/selfie", {"file": make_picture(0)})
    assert looks_of_user(user=owner.user) is None
