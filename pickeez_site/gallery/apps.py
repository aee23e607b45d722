from django.apps import AppConfig


class GalleryConfig(AppConfig):
    """The pages for people who have a browser and no app."""

    name = "pickeez_site.gallery"
    label = "gallery"
