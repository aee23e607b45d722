from rest_framework.request import Request

from pickeez_site.dialects.authentication import BearerAuthentication
from pickeez_site.dialects.pickeez.dialect import NO_USER
from pickeez_site.dialects.pickeez.reading import READER


class PickeezAuthentication(BearerAuthentication):
    """The header, or the parameter `token`."""

    message = NO_USER

    def token_of(self, request: Request) -> str | None:
        token = super().token_of(request)
        return READER.credential(request, "token") if token is None else token
