from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from accounts.models import User
from pickeez_site.dialects.authentication import BearerAuthentication, key_of_request
from profiles.models import ApiKey

NO_KEY = "An API key is required: send it in the header api_key."


class KeyAuthentication(BaseAuthentication):
    """The app's key; and a user's token, if one is presented."""

    def authenticate(self, request: Request) -> tuple[User | None, ApiKey]:
        key = key_of_request(request)
        if key is None:
            raise NotAuthenticated(NO_KEY)
        signed_in = BearerAuthentication().authenticate(request)
        return (signed_in[0] if signed_in else None), key

    def authenticate_header(self, request: Request) -> str:
        return "Api-Key"
