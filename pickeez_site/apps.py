from django.apps import AppConfig


class SiteConfig(AppConfig):
    """What holds the apps together."""

    name = "pickeez_site"

    def ready(self) -> None:
        from pickeez_site.operations.observing import receivers, workers  # noqa: F401 - connects the signals
