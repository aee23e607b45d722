"""The page behind an invitation's own link, `/i/TOKEN`: the album, as the one who was invited may see it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from albums.models import Album, Invitation
from albums.selectors import invitation_by_link
from photos.models import Original, Photo, Rendition
from pickeez_site.serving.media import MediaPaths

MAX_PHOTOS = 10
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",  # the address itself is secret
    "X-Robots-Tag": "noindex",
}


@require_safe
def show_invitation(request: HttpRequest, token: str = "") -> HttpResponse:
    """Shows the album's name, who invites, and its newest pictures; for a link that opens nothing, what to do."""
    try:
        invitation = invitation_by_link(token.rstrip("/"))
    except Invitation.DoesNotExist:
        return HttpResponse(render_to_string("pages/dead_invitation.html"), status=404, headers=HEADERS)
    page = render_to_string("pickeez/invite_page.html", _context(invitation.album))
    return HttpResponse(page, headers=HEADERS)


def _context(album: Album) -> dict[str, object]:
    photos = Photo.objects.alive().filter(album=album)
    newest = photos.filter(original__status=Original.Status.READY).order_by("-pk").values_list("pk", flat=True)
    media = MediaPaths()
    return {
        "album_name": album.name,
        "owner_name": album.owner.name,
        "photos": [{"url": media.rendition(pk, Rendition.Kind.MEDIUM)} for pk in newest[:MAX_PHOTOS]],
        "count": photos.count(),
        "site": settings.PUBLIC_URL,
    }
