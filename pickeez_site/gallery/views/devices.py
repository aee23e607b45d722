"""The browsers in which somebody is signed in."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import BrowserSession
from accounts.services import end_other_sessions, end_session, is_session, sessions_of
from pickeez_site.gallery.devices import browser_and_system
from pickeez_site.gallery.views.base import SignedInView

MAX_DEVICES = 100


class DevicesView(SignedInView):
    """Lists the viewer's sessions. A form ends one (`session=ID`) or all others (`session=others`)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        devices = [
            {"row": row, "name": name_of(row), "is_this": is_session(row, key)}
            for row in sessions_of(self.viewer)[:MAX_DEVICES]
        ]
        devices.sort(key=lambda device: not device["is_this"])
        return self.page("devices.html", {"devices": devices})

    def post(self, request: HttpRequest) -> HttpResponse:
        wanted, here = request.POST.get("session", ""), reverse("gallery:devices")
        if wanted == "others":
            number = end_other_sessions(user=self.viewer, session_key=request.session.session_key)
            words = ngettext("Signed out on %(n)d other device.", "Signed out on %(n)d other devices.", number)
            messages.success(request, words % {"n": number})
            return self.done(here, {"ended": number})
        row = self._session(wanted)
        if is_session(row, request.session.session_key):
            logout(request)
            return self.done(reverse("gallery:sign-in"), {"ended": 1})
        end_session(user=self.viewer, session_id=row.pk)
        messages.success(request, _("Signed out on “%(device)s”.") % {"device": name_of(row)})
        return self.done(here, {"ended": 1})

    def _session(self, wanted: str) -> BrowserSession:
        """Returns the viewer's session of that id. Raises `Http404` and `BrowserSession.DoesNotExist`."""
        try:
            return sessions_of(self.viewer).get(pk=UUID(wanted))
        except ValueError:
            raise Http404 from None


def name_of(row: BrowserSession) -> str:
    """Returns the session's browser and system in words."""
    browser, system = browser_and_system(row.user_agent)
    if browser in ("", "Other"):
        return _("A browser")
    if system in ("", "Other"):
        return browser
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
