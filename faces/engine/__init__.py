"""The face engine that `FACE_ENGINE` names. It is heavy: each process makes it once, on first use."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from faces.engine.base import Box, DetectedFace, EngineUnavailable, FaceEngine, Limits

__all__ = [
    "Box",
    "DetectedFace",
    "EngineUnavailable",
    "FaceEngine",
    "Limits",
    "engine_name",
    "get_engine",
    "required_weights",
]


def engine_name() -> str:
    """Returns the name of the engine that the settings choose, without making it."""
    engine = import_string(settings.FACE_ENGINE)
    name: str = engine.configured_name() if hasattr(engine, "configured_name") else engine.name
    return name


def required_weights() -> list[str]:
    """Returns those of this project's files of weights that the engine of the settings needs."""
    engine = import_string(settings.FACE_ENGINE)
    names: list[str] = engine.required_weights() if hasattr(engine, "required_weights") else []
    return names


@cache
def get_engine() -> FaceEngine:
    engine: FaceEngine = import_string(settings.FACE_ENGINE)()
    return engine
