"""The open link of an album, for its owner: its switch and settings, another one, and its QR code."""

import io
from datetime import timedelta
from uuid import UUID

import segno
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from albums.models import OpenLink
from albums.services import replace_open_link, set_open_link
from albums.services.links import address_of_open_link
from albums.services.open_links import MAX_USES
from pickeez_site.gallery.views.base import OwnedAlbumView
from pickeez_site.gallery.views.guests import DAYS, GuestsView, guests_path

DEFAULT_DAYS = 30
QUIET_ZONE = 4  # modules of white around a QR code, by its standard (ISO/IEC 18004)
PICTURES = {"svg": ("image/svg+xml", 8), "png": ("image/png", 16)}  # content type, pixels of a module


class BadSetting(ValueError):
    """A value of the form is not what it may be. The text is for people."""


class SetOpenLinkView(GuestsView):
    """Changes the open link (`do=save`), or replaces it (`do=replace`)."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        if request.POST.get("do") == "replace":
            replace_open_link(album=self.album)
            return self._said(_("There is a new link. The old one, and its QR code, let nobody in any longer."))
        if request.POST.get("do") != "save":  # an empty form says nothing, and must not switch the link off
            return self.refused(_("Nothing was changed: it was not said what to do with the link."), status=400)
        try:
            link = self._save()
        except BadSetting as error:
            if self.wants_json:
                return self.refused(str(error), status=400)
            return self.shown({"link_error": str(error), "link_form": request.POST}, status=400)
        on = _("Whoever has the link can join now.")
        return self._said(on if link.is_on else _("The link is off: it lets nobody in."))

    def _save(self) -> OpenLink:
        """Raises `BadSetting`."""
        form = self.request.POST
        old = OpenLink.objects.current().filter(album=self.album).first()
        try:
            days = int(form.get("days") or 0)
            max_uses = int(form["max_uses"]) if form.get("max_uses") else None
        except ValueError:
            raise BadSetting(_("Please type a whole number of people.")) from None
        if days not in (0, *DAYS):
            raise BadSetting(_("Please choose one of the times."))
        expires_at = timezone.now() + timedelta(days=days or DEFAULT_DAYS)
        if old and not days:
            expires_at = old.expires_at
        try:
            return set_open_link(
                album=self.album,
                is_on=form.get("is_on") == "on",
                may_upload=form.get("may_upload") == "yes",
                expires_at=expires_at,
                max_uses=max_uses,
            )
        except ValidationError:
            words = _("From %(least)d to %(most)d people can join by the link; these have joined are counted.")
            raise BadSetting(words % {"least": max(1, old.uses if old else 1), "most": MAX_USES}) from None

    def _said(self, words: str) -> HttpResponse:
        messages.success(self.request, words)
        return self.done(guests_path(self.album.pk, "joined").replace("#guests", "#open-link"), {"said": words})


class QrCodeView(OwnedAlbumView):
    """The QR code of the open link, as a picture to show or to print."""

    http_method_names = ["get", "head"]
    form = "svg"  # or png

    def get(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        link = OpenLink.objects.current().get(album=self.album)
        content_type, scale = PICTURES[self.form]
        picture = io.BytesIO()
        code = segno.make_qr(address_of_open_link(link), error="m")
        colours = {"dark": "#000", "light": "#fff"}  # also in dark mode: scanners read dark on light
        code.save(picture, kind=self.form, scale=scale, border=QUIET_ZONE, **colours)
        response = HttpResponse(picture.getvalue(), content_type=content_type)
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        if "download" in request.GET:
            response["Content-Disposition"] = f'attachment; filename="pickeez-qr.{self.form}"'
        return response
