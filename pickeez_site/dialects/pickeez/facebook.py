"""Signing in with Facebook: the dialog, and what comes back from it or from a mobile SDK."""

from typing import Any

from django.conf import settings
from django.http import HttpResponseBase, HttpResponseRedirect
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import facebook
from accounts.facebook import FacebookRefused
from accounts.services.facebook import sign_in_with_facebook
from pickeez_site.dialects.pickeez.viewsets import CredentialFreeViewSet
from pickeez_site.serving.proxies import client_address

STATE_COOKIE = "fb_state"
MAX_CODE = 4096


class FacebookViewSet(CredentialFreeViewSet):
    """Signing in with Facebook. No answer is kept by a cache: tokens are in them."""

    def dialog(self, request: Request) -> HttpResponseBase:
        state, nonce = facebook.new_state()
        response = HttpResponseRedirect(facebook.dialog_url(state=state))
        response.set_cookie(
            STATE_COOKIE,
            nonce,
            max_age=facebook.STATE_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",  # sent along when Facebook's page links back, not with other sites' own requests
        )
        return response

    def enter(self, request: Request) -> Response:
        """With a `state`, `code` is what the dialog gave; without, a mobile SDK's access token."""
        if self.parameters.text("error"):
            raise FacebookRefused("Facebook sign-in was not approved.")
        code = self.parameters.required("code", max_length=MAX_CODE)
        state, address = self.parameters.text("state"), client_address(request)
        if state is None:
            user, token = sign_in_with_facebook(access_token=code, address=address)
        else:
            facebook.check_state(state=state, nonce=request.COOKIES.get(STATE_COOKIE, ""))
            user, token = sign_in_with_facebook(code=code, address=address)
        response = Response({"token": token, "fb_id": user.fb_id})
        response.delete_cookie(STATE_COOKIE, samesite="Lax")
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response
