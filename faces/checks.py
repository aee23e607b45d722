"""System check of the networks that come with this project."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error

from faces.engine import EngineUnavailable, required_weights
from faces.engine.weight_files import verified_weights


def check_weights(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Stops the start when weights that the face engine needs are missing or damaged; this reads 12 MB."""
    errors: list[CheckMessage] = []
    try:
        names = required_weights()
    except ImportError:  # of FACE_ENGINE: the doctor tells, and only workers need it
        return errors
    for name in names:
        try:
            verified_weights(name)
        except EngineUnavailable as error:
            hint = "Restore the file from the project's repository."
            errors.append(Error(str(error), hint=hint, id="faces.E001"))
    return errors
