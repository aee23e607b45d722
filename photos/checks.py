"""System check of the object detector's model file."""

from collections.abc import Sequence
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning  # noqa: A004 - Django's name


def check_object_model(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Warns when the model file is missing: photos then get no object classes."""
    if Path(settings.OBJECT_MODEL).is_file():
        return []
    hint = "Run `manage.py fetch_models`, or let OBJECT_MODEL name another model."
    return [
        Warning(
            "OBJECT_MODEL names no file: photos get no object classes.",
            hint=hint,
            id="photos.W001",
        )
    ]
