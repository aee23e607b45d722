"""Signing in with Facebook: the dialog, and what comes back from it or from a mobile SDK."""

from typing import Annotated

from django.conf import settings
from django.http import HttpResponseBase, HttpResponseRedirect
from rest_framework.response import Response

from accounts import facebook
from accounts.facebook import FacebookRefused
from accounts.services.facebook import sign_in_with_facebook
from pickeez_site.dialects.pickeez.reading import READER
from pickeez_site.dialects.pickeez.viewsets import CredentialFreeViewSet, operation
from pickeez_site.dialects.pickeez.wire import answers
from pickeez_site.dialects.pickeez.wire.requests import FreeText, filled
from pickeez_site.dialects.viewsets import Answer
from pickeez_site.dialects.wire import BadInput
from pickeez_site.dialects.wire.types import rules
from pickeez_site.serving.proxies import client_address

STATE_COOKIE = "fb_state"
PRIVATE = {"Cache-Control": {"const": "no-store"}}
TO_DIALOG = {"Location": {"type": "string", "format": "uri"}, "Set-Cookie": {"type": "string"}, **PRIVATE}
SIGNED_IN = Answer("Signed in; the user was made if new.", kind=answers.FacebookSignIn, headers=PRIVATE)


class FacebookViewSet(CredentialFreeViewSet):
    """Signing in with Facebook."""

    section = "Signing in"

    @operation(
        "Redirects to Facebook's dialog",
        answers={302: Answer("To the dialog; the cookie ties its `state` to this browser.", headers=TO_DIALOG)},
    )
    def dialog(self) -> HttpResponseBase:
        """It asks for `email,user_photos` and comes back to `/fb_enter`."""
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

    @operation("Signs in with what Facebook gave", answers={200: SIGNED_IN}, errors=[401, 429], changes=True)
    def enter(
        self,
        *,
        error: FreeText | None = None,
        code: Annotated[str, filled("Needed without `error`.", format="facebook-code", max_length=4096)]
        | None = None,
        state: Annotated[FreeText | None, rules("As it came back from the dialog.")] = None,
    ) -> Response:
        """With the `state` of `/fb`, `code` is an authorization code, and the cookie of `/fb` comes along.

        Without: `code` is a user's access token from a mobile SDK, given to this server's own app.
        """
        if error:
            raise FacebookRefused("Facebook sign-in was not approved.")
        if code is None:
            raise BadInput(READER.missing("code"))
        address = client_address(self.request)
        if state is None:
            user, token = sign_in_with_facebook(access_token=code, address=address)
        else:
            facebook.check_state(state=state, nonce=self.request.COOKIES.get(STATE_COOKIE, ""))
            user, token = sign_in_with_facebook(code=code, address=address)
        response = Response(answers.FacebookSignIn(token=token, fb_id=str(user.fb_id)))
        response.delete_cookie(STATE_COOKIE, samesite="Lax")
        return response
