from django.apps import AppConfig
from django.core import checks


class PhotosConfig(AppConfig):
    """Photos and the files behind them: originals, renditions, likes, storage."""

    name = "photos"

    def ready(self) -> None:
        from photos import receivers, sweeps  # noqa: F401 - connects the signals, registers the sweeps
        from photos.checks import check_object_model

        checks.register(check_object_model)
