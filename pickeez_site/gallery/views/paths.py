"""The path of an album's first page, for a redirect after something was done."""

from django.urls import NoReverseMatch, reverse

from albums.models import Album


def album_path(album: Album) -> str:
    """Returns the path of the album's page; where this server has no such page, that of the list of albums."""
    try:
        return reverse("gallery:album", args=[album.pk])
    except NoReverseMatch:
        return reverse("gallery:home")
