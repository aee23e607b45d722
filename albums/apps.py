from django.apps import AppConfig


class AlbumsConfig(AppConfig):
    """Albums, invitations, and the queue of albums that wait for processing."""

    name = "albums"

    def ready(self) -> None:
        from albums import receivers, sweeps  # noqa: F401 - connects the signals, registers the sweeps
