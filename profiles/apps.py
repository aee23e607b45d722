from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    """Demographic profiles per device and app."""

    name = "profiles"
