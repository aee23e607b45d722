"""The face engine that `FACE_ENGINE` names. It is heavy: each process makes it once, on first use."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from faces.engine.base import Box, DetectedFace, EngineUnavailable, FaceEngine, Limits

__all__ = ["Box", "DetectedFace", "EngineUnavailable", "FaceEngine", "Limits", "engine_name", "get_engine"]


def engine_name() -> str:
    """Returns the name of the engine that the settings choose, without making it."""
    engine = import_string(settings.FACE_ENGINE)
    name: str = engine.configured_name() if hasattr(engine, "configured_name") else engine.name
    return name


@cache
def get_engine() -> FaceEngine:
    engine: FaceEngine = import_string(settings.FACE_ENGINE)()
    return engine
