"""Who calls: a user with a token, or an app with its key."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from accounts.models import User
from accounts.services import Credential, note_wrong_guess, user_for_token
from pickeez_site.dialects.wire.values import is_storable
from pickeez_site.serving.proxies import client_address
from profiles.models import ApiKey
from profiles.services import find_api_key


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN`. A token that is presented and wrong is refused, also where none is needed."""

    message = "Invalid token."

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        token = self.token_of(request)
        if token is None:
            return None
        user = user_for_token(token) if is_storable(token) else None
        if user is None:
            if token:
                note_wrong_guess(credential=Credential.ACCESS_TOKEN, address=client_address(request))
            raise AuthenticationFailed(self.message)
        return user, token

    def token_of(self, request: Request) -> str | None:
        """The token that the request presents; None when it presents none."""
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class KeyAuthentication(BaseAuthentication):
    """An app's key, which is required; and a user's token, if one is presented."""

    def authenticate(self, request: Request) -> tuple[User | None, ApiKey]:
        key = key_of_request(request)
        if key is None:
            raise NotAuthenticated("An API key is required: send it in the header api_key.")
        signed_in = BearerAuthentication().authenticate(request)
        return (signed_in[0] if signed_in else None), key

    def authenticate_header(self, request: Request) -> str:
        return "Api-Key"


def key_of_request(request: Request) -> ApiKey | None:
    """The live API key that the request presents; None when it presents none.

    In the header `api_key`, in `X-Api-Key`, or as `Authorization: Api-Key KEY`. Raises `AuthenticationFailed` for
    a wrong or revoked one, and for several that differ; `RateLimitExceeded` after too many wrong ones.
    """
    scheme, _, credentials = get_authorization_header(request).decode("latin-1").partition(" ")
    presented = {request.META[name].strip() for name in ("HTTP_API_KEY", "HTTP_X_API_KEY") if name in request.META}
    if scheme.lower() == "api-key":
        presented.add(credentials.strip())
    if not presented:
        return None
    text = presented.pop()
    # A comma: servers join repeated headers with one, and read `api-key` as `api_key`. No key has one.
    is_possible = not presented and is_storable(text) and "," not in text
    found = find_api_key(key=text, store_use=request.method != "HEAD") if is_possible else None
    if found is None:
        note_wrong_guess(credential=Credential.API_KEY, address=client_address(request))
        raise AuthenticationFailed("Invalid API key.")
    return found
