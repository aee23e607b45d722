from django.apps import AppConfig


class AlbumsConfig(AppConfig):
    """Albums, who is invited to them, and the queue of albums that wait for processing."""

    name = "albums"

    def ready(self) -> None:
        from albums import receivers, sweeps  # noqa: F401 - connects the signals, registers the sweeps
