from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The top floor: it connects the receivers of logs and metrics, and of which pages may call the APIs."""

    name = "pickeez_site"

    def ready(self) -> None:
        from pickeez_site.dialects.pictopy import receivers as _  # noqa: F401 - connects the signal
        from pickeez_site.operations.observing import receivers, workers  # noqa: F401 - connects the signals
