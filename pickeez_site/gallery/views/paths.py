"""The path of an album's first page, for a redirect after something was done."""

from django.urls import reverse

from albums.models import Album


def album_path(album: Album) -> str:
    return reverse("gallery:album", args=[album.pk])
