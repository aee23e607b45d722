from django.apps import AppConfig


class FacesConfig(AppConfig):
    """Faces, people, and the processing of originals and albums."""

    name = "faces"

    def ready(self) -> None:
        from faces import receivers, sweeps  # noqa: F401 - connects the signals, registers the sweeps
