"""Pushes to this browser, and what makes the gallery an app: service worker and offline page."""

from pathlib import Path

from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.services import subscribe_browser, unsubscribe_browser
from pickeez_site.gallery.views.base import GalleryView, SignedInView


class SubscriptionView(SignedInView):
    """Subscribes the browser to the viewer's pushes, or unsubscribes it; only a script can ask for that."""

    def post(self, request: HttpRequest) -> HttpResponse:
        endpoint = request.POST.get("endpoint", "")
        if request.POST.get("wanted") != "yes":
            unsubscribe_browser(user=self.viewer, endpoint=endpoint)
            return self.done(reverse("gallery:me"), {"subscribed": False})
        keys = {name: request.POST.get(name, "") for name in ("p256dh", "auth")}
        try:
            subscribe_browser(user=self.viewer, endpoint=endpoint, session_key=request.session.session_key, **keys)
        except ValidationError:
            return self.refused(_("This browser cannot get messages from us."), status=400)
        return self.done(reverse("gallery:me"), {"subscribed": True})


class OfflineView(GalleryView):
    """What the service worker shows while there is no network. It says nothing private, for it is kept."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("offline.html")


class ServiceWorkerView(GalleryView):
    """The service worker, at an address that lets it serve all pages of the gallery."""

    def get(self, request: HttpRequest) -> HttpResponse:
        path = finders.find("gallery/service_worker.js")
        assert isinstance(path, str)  # noqa: S101 - the file is ours
        response = HttpResponse(Path(path).read_bytes(), content_type="text/javascript")
        response.headers["Service-Worker-Allowed"] = reverse("gallery:home")
        response.headers["Cache-Control"] = "no-cache"
        return response
