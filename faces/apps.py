from django.apps import AppConfig
from django.core import checks


class FacesConfig(AppConfig):
    """Faces, people, and the processing of originals and albums."""

    name = "faces"

    def ready(self) -> None:
        from faces import receivers, sweeps  # noqa: F401 - connects the signals, registers the sweeps
        from faces.checks import check_weights

        checks.register(check_weights)
