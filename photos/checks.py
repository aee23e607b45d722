"""System checks: what the object detector lacks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning  # noqa: A004 - Django's name


def check_object_model(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A warning when there is no model, for then no photo gets object classes."""
    if Path(settings.OBJECT_MODEL).is_file():
        return []
    hint = "Run `manage.py fetch_models`, or let OBJECT_MODEL name another model."
    return [Warning("OBJECT_MODEL names no file: photos get no object classes.", hint=hint, id="photos.W001")]
