"""The page behind an invitation's own link, `/i/TOKEN`: the album, as the one who was invited may see it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from albums.models import Album, Invitation
from albums.selectors import invitation_by_link
from photos.models import Original, Photo, Rendition
from pickeez_site.serving.media import MediaPaths, policy_for_pictures

MAX_PHOTOS = 10
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address itself is secret
    "X-Robots-Tag": "noindex",
}


@csrf_exempt  # it changes nothing, and other methods are 405
@require_safe
def show_invitation(request: HttpRequest, token: str = "") -> HttpResponse:
    """Shows the album's name, who invites, and its newest pictures; for a link that opens nothing, what to do."""
    try:
        invitation = invitation_by_link(token.rstrip("/"))
    except Invitation.DoesNotExist:
        return _page("pages/dead_invitation.html", {}, status=404)
    return _page("pickeez/invite_page.html", _context(invitation.album))


def _page(template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    headers = {**HEADERS, "Content-Security-Policy": policy_for_pictures()}
    return HttpResponse(render_to_string(template, context), status=status, headers=headers)


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
