from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    """Demographic profiles per device and app."""

    name = "profiles"

    def ready(self) -> None:
        from profiles import receivers  # noqa: F401 - connects the signals
