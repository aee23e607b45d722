from django.apps import AppConfig


class CoreConfig(AppConfig):
    """What every app uses: leases, outages, tasks, the admin kit. It has no models."""

    name = "core"

    def ready(self) -> None:
        from core import sqlite  # noqa: F401 - registers the sweep
