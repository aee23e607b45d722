"""System check of the networks that come with this project."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error

from faces.engine import EngineUnavailable
from faces.engine.weight_files import FILES, verified_weights


def check_weights(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Stops the start when a file of weights is missing or damaged; this reads 12 MB."""
    errors: list[CheckMessage] = []
    for name in FILES:
        try:
            verified_weights(name)
        except EngineUnavailable as error:
            hint = "Restore the file from the project's repository."
            errors.append(Error(str(error), hint=hint, id="faces.E001"))
    return errors
