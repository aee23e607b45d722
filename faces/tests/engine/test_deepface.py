"""Choosing the engine: names, weights, and what happens when these are missing."""

from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from faces.engine import deepface_home
from faces.engine.base import EngineUnavailable
from faces.engine.deepface import DeepFaceEngine
from faces.engine.deepface_home import FILES, link_dlib_weights
from faces.engine.deepface_models import DeepFaceModels
from faces.engine.dlib_engine import DlibEngine
from photos.images import read_picture
from pickeez_site.operations.demo.pictures import selfie

pytestmark = pytest.mark.real_engine


@pytest.mark.parametrize("setting", ["FACE_MODEL", "FACE_DETECTOR"])
def test_a_name_that_deepface_does_not_know_is_refused_with_the_setting(
    monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setattr(settings, setting, "unheard-of")
    with pytest.raises(ImproperlyConfigured, match=setting):
        DeepFaceEngine()


def test_other_models_go_by_their_own_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "FACE_MODEL", "ArcFace")
    monkeypatch.setattr(settings, "FACE_DETECTOR", "yunet")
    engine = DeepFaceEngine()
    assert engine.limits.threshold == 1.13
    assert "ArcFace" in engine.name
    assert "yunet" in engine.name


def test_deepfaces_own_alignment_finds_the_same_face() -> None:
    link_dlib_weights(Path(settings.DEEPFACE_HOME))
    faces = DeepFaceModels("Dlib", "dlib")
    (face,) = faces.find_faces(read_picture(selfie("Grace")).pixels)
    (same,) = DlibEngine().find_faces(read_picture(selfie("Grace")).pixels)
    assert abs(face.box.x - same.box.x) < same.box.width / 4
    assert np.linalg.norm(face.embedding) == pytest.approx(1, abs=1e-5)
    assert faces.find_faces(np.zeros((200, 200, 3), np.uint8)) == []


def test_missing_weights_are_a_clear_error() -> None:
    """There is no network in tests, so deepface cannot download them."""
    link_dlib_weights(Path(settings.DEEPFACE_HOME))
    with pytest.raises(EngineUnavailable, match="ArcFace"):
        DeepFaceModels("ArcFace", "dlib").find_faces(read_picture(selfie("Grace")).pixels)


def test_the_weights_are_put_where_deepface_looks_for_them(tmp_path: Path) -> None:
    link_dlib_weights(tmp_path)
    link_dlib_weights(tmp_path)
    folder = tmp_path / ".deepface" / "weights"
    assert {path.name for path in folder.iterdir()} == set(FILES)
    assert all(path.stat().st_size > 1_000_000 for path in folder.iterdir())


def test_links_into_a_deleted_environment_are_renewed(tmp_path: Path) -> None:
    folder = tmp_path / ".deepface" / "weights"
    folder.mkdir(parents=True)
    (folder / FILES[0]).symlink_to(tmp_path / "gone")
    link_dlib_weights(tmp_path)
    assert (folder / FILES[0]).exists()


@pytest.mark.parametrize("needed", ["LIBRARY", "PACKAGE"])
def test_without_the_packages_of_dlib_its_engine_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needed: str
) -> None:
    monkeypatch.setattr(deepface_home, needed, "not_installed_anywhere")
    with pytest.raises(EngineUnavailable, match=r"not_installed_anywhere.*requirements-dlib\.txt"):
        link_dlib_weights(tmp_path)
