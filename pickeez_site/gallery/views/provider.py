"""Signing in with the operator's provider of OpenID Connect."""

import logging

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.services import address_limit, consume, user_by_identity
from pickeez_site.gallery import provider
from pickeez_site.gallery.signing_in import Refusal, in_words, sign_in_browser
from pickeez_site.gallery.views.base import GalleryView, safe_next
from pickeez_site.gallery.views.selfie import first_page
from pickeez_site.gallery.views.sign_in import PENDING_SECONDS, with_headers
from pickeez_site.serving.proxies import client_address

logger = logging.getLogger(__name__)
BACK = "provider_next"  # where to go in the end


class ProviderView(GalleryView):
    """What both ways have in common: there is a provider, and its errors are said in words."""

    def answer(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not settings.OIDC_ISSUER:
            raise Http404
        try:
            return super().answer(request, *args, **kwargs)
        except Refusal as refusal:
            return with_headers(self.refused(refusal.words, status=refusal.status), refusal)
        except provider.ProviderUnavailable as error:
            logger.warning("The provider is unavailable: %s", error)
            words = _("The service that you sign in with cannot be reached. Please try again, or use a code.")
            return self.refused(words, status=503)
        except provider.NotIdentified as error:
            logger.warning("The provider identified nobody: %s", error)
            words = _("Signing in did not work, or was cancelled. Please begin anew, in this browser.")
            return self.refused(words, status=403)


class StartView(ProviderView):
    def get(self, request: HttpRequest) -> HttpResponse:
        address = client_address(request)
        with in_words():
            consume([address_limit("provider by address", address, settings.OIDC_SIGN_INS_PER_ADDRESS_PER_HOUR)])
        response = provider.start(request, redirect_uri=settings.PUBLIC_URL + reverse("gallery:provider-back"))
        request.session[BACK] = safe_next(request.GET.get("next", ""))
        if not request.user.is_authenticated:
            request.session.set_expiry(PENDING_SECONDS)
        return response


class BackView(ProviderView):
    def get(self, request: HttpRequest) -> HttpResponse:
        identity = provider.finish(request)
        with in_words():
            user = user_by_identity(
                issuer=identity.issuer,
                subject=identity.subject,
                verified_email=identity.verified_email,
                name=identity.name,
            )
        back = safe_next(request.session.pop(BACK, ""))
        page = first_page(user, back)
        sign_in_browser(request, user)
        return HttpResponseRedirect(page, status=303)
