"""The page that an invitation links to: for programs as JSON, for people as a page."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from rest_framework.request import Request
from rest_framework.response import Response

from albums.models import Album
from faces.selectors import photos_showing
from photos.models import Original, Photo, Rendition
from pickeez_site.dialects.pickeez.viewsets import PublicViewSet
from pickeez_site.serving.media import media_path

MAX_PHOTOS = 10
PAGE_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Vary": "Accept",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'",
}


class InvitePageViewSet(PublicViewSet):
    """Open to whoever has the link: an album's id cannot be guessed. Shows no original."""

    def retrieve(self, request: Request) -> HttpResponse:
        album_id = self.parameters.required_id("album_id")
        album = Album.objects.alive().select_related("owner").get(pk=album_id)
        base = request.build_absolute_uri("/").rstrip("/")
        photos = [{"url": base + media_path(photo, Rendition.Kind.MEDIUM)} for photo in self._photos(album)]
        fields = {"album_name": album.name, "owner_name": album.owner.name or None, "photos": photos}
        return self._page(fields, album) if _wants_html(request) else Response(fields, headers=PAGE_HEADERS)

    def _photos(self, album: Album) -> list[Photo]:
        """The newest of the album's pictures that can be shown, of those that were asked for."""
        photos = Photo.objects.alive().filter(album=album, original__status=Original.Status.READY)
        if self.parameters.boolean("filtered"):
            photos = photos_showing(photos, self.parameters.id("user_id"))
        if self.parameters.boolean("wide"):
            photos = photos.filter(original__ratio__gt=1)
        return list(photos.select_related("original").order_by("-pk")[:MAX_PHOTOS])

    def _page(self, fields: dict[str, Any], album: Album) -> HttpResponse:
        context = {
            **fields,
            "count": Photo.objects.alive().filter(album=album).count(),
            "site": settings.PUBLIC_URL,
        }
        page = render_to_string("pickeez/invite_page.html", context)
        return HttpResponse(page, headers=PAGE_HEADERS)


def _wants_html(request: Request) -> bool:
    """Browsers name text/html in their first place; programs that take anything get JSON."""
    accepted = request.headers.get("Accept", "")
    return "text/html" in accepted and not accepted.startswith("application/json")
