"""The public page of an album: for programs as JSON, for people as a page."""

from typing import Annotated

from django.http import HttpResponse
from rest_framework.response import Response

from albums.models import Album
from faces.selectors import photos_showing
from photos.models import Original, Photo, Rendition
from pickeez_site.dialects.pickeez.viewsets import PublicViewSet, operation
from pickeez_site.dialects.pickeez.wire import answers
from pickeez_site.dialects.viewsets import Answer
from pickeez_site.dialects.wire import Id, from_attributes
from pickeez_site.dialects.wire.types import rules
from pickeez_site.gallery.views.invitation import public_page

PAGE_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Vary": "Accept",
    "X-Robots-Tag": "noindex",
}


class InvitePageViewSet(PublicViewSet):
    """Open to whoever has the link, unless the album's owner has closed it: an album's id cannot be guessed.

    Shows no original. Invitations have links of their own (`gallery/views/invitation.py`).
    """

    section = "Invitations"

    @operation(
        "An album for somebody who was invited",
        answers={
            200: Answer(
                "The album's newest photos.",
                kind=answers.InvitePage,
                media_types={"text/html": str},
                headers={"Access-Control-Allow-Origin": {"const": "*"}},
            )
        },
        errors=[404],
    )
    def retrieve(
        self,
        *,
        album_id: Id,
        filtered: Annotated[bool, rules("Only photos that show the user of `user_id`.")] = False,
        user_id: Id | None = None,
        wide: Annotated[bool, rules("Only photos that are wider than high.")] = False,
    ) -> HttpResponse:
        """For everybody who has the link; a page for browsers, JSON for programs, from any origin."""
        album = Album.objects.alive().filter(public_page=True).select_related("owner").get(pk=album_id)
        photos = Photo.objects.alive().filter(album=album)
        shown = photos.filter(original__status=Original.Status.READY)
        if filtered:
            shown = photos_showing(shown, user_id)
        if wide:
            shown = shown.filter(original__ratio__gt=1)
        newest = shown.order_by("-pk").values_list("pk", flat=True)[: answers.MAX_INVITE_PHOTOS]
        urls = [self.media.rendition(str(pk), Rendition.Kind.MEDIUM) for pk in newest]
        page = from_attributes(answers.InvitePage, album, photos=[answers.InvitePhoto(url=url) for url in urls])
        accepted = self.request.headers.get("Accept", "")
        # Browsers name text/html in their first place; programs that take anything get JSON.
        if "text/html" not in accepted or accepted.startswith("application/json"):
            return Response(page, headers=PAGE_HEADERS)
        response = public_page(self.request, album, shown)
        for name, value in PAGE_HEADERS.items():
            response[name] = value
        return response
