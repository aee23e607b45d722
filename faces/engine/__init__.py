"""The face engine that `FACE_ENGINE` names. It is heavy: each process makes it once, on first use."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from faces.engine.base import Box, DetectedFace, EngineUnavailable, FaceEngine, Limits

__all__ = ["Box", "DetectedFace", "EngineUnavailable", "FaceEngine", "Limits", "get_engine"]


@cache
def get_engine() -> FaceEngine:
    engine: FaceEngine = import_string(settings.FACE_ENGINE)()
    return engine
