"""Pages about requests that no view of the gallery gets to see."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from pickeez_site.gallery.views.base import GalleryView


class ExpiredFormView(GalleryView):
    def answer(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        words = _(
            "This page was open for too long, or somebody signed in or out in another tab. Please go back, load "
            "the page again, and repeat it. Your browser must accept cookies."
        )
        return self.refused(words, status=403)


class NoSuchPageView(GalleryView):
    def answer(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        raise Http404


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Django's `CSRF_FAILURE_VIEW`: a form without a valid token."""
    return ExpiredFormView.as_view()(request)
