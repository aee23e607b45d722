"""The page that an invitation links to: for programs as JSON, for people as a page."""

import msgspec
from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from rest_framework.request import Request
from rest_framework.response import Response

from albums.models import Album
from faces.selectors import photos_showing
from photos.models import Original, Photo, Rendition
from pickeez_site.dialects.pickeez.viewsets import PublicViewSet
from pickeez_site.dialects.pickeez.wire import answers, requests
from pickeez_site.dialects.viewsets import Answer, operation

PAGE_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Vary": "Accept",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'",
}
EXAMPLE = answers.InvitePage(album_name="donkey", owner_name="Owner", photos=[])


class InvitePageViewSet(PublicViewSet):
    """Open to whoever has the link: an album's id cannot be guessed. Shows no original."""

    section = "Invitations"

    @operation(
        "An album for somebody who was invited",
        answers={
            200: Answer(
                "The album's newest photos.",
                kind=answers.InvitePage,
                media_types={"text/html": str},
                headers={"Access-Control-Allow-Origin": {"const": "*"}},
                example=EXAMPLE,
            )
        },
        errors=[404],
    )
    def retrieve(self, request: Request, asked: requests.AskedInvitePage) -> HttpResponse:
        """For everybody who has the link; a page for browsers, JSON for programs, from any origin."""
        album = Album.objects.alive().select_related("owner").get(pk=asked.album_id)
        urls = [self.media.rendition(pk, Rendition.Kind.MEDIUM) for pk in _photos(album, asked)]
        photos = [answers.InvitePhoto(url=url) for url in urls]
        page = answers.InvitePage(album_name=album.name, owner_name=album.owner.name or None, photos=photos)
        accepted = request.headers.get("Accept", "")
        # Browsers name text/html in their first place; programs that take anything get JSON.
        if "text/html" not in accepted or accepted.startswith("application/json"):
            return Response(page, headers=PAGE_HEADERS)
        count = Photo.objects.alive().filter(album=album).count()
        context = {**msgspec.structs.asdict(page), "count": count, "site": settings.PUBLIC_URL}
        return HttpResponse(render_to_string("pickeez/invite_page.html", context), headers=PAGE_HEADERS)


def _photos(album: Album, asked: requests.AskedInvitePage) -> list[str]:
    """The ids of the newest of the album's pictures that can be shown, of those that were asked for."""
    photos = Photo.objects.alive().filter(album=album, original__status=Original.Status.READY)
    if asked.filtered:
        photos = photos_showing(photos, asked.user_id)
    if asked.wide:
        photos = photos.filter(original__ratio__gt=1)
    return [str(pk) for pk in photos.order_by("-pk").values_list("pk", flat=True)[: answers.MAX_INVITE_PHOTOS]]
