from django.apps import AppConfig


class PhotosConfig(AppConfig):
    """Photos and the files behind them: originals, renditions, likes, storage."""

    name = "photos"

    def ready(self) -> None:
        from photos import receivers, sweeps  # noqa: F401 - connects the signals, registers the sweeps
