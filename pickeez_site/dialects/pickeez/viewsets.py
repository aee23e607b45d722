"""The bases of Pickeez's viewsets: who may call, and where a token comes from."""

from functools import partial

from rest_framework.request import Request

from pickeez_site.dialects import viewsets
from pickeez_site.dialects.authentication import BearerAuthentication
from pickeez_site.dialects.parsers import PARSERS
from pickeez_site.dialects.pickeez.dialect import A_TOKEN_OR_NONE, DIALECT, NO_USER
from pickeez_site.dialects.pickeez.reading import READER
from pickeez_site.dialects.pickeez.wire.base import PickeezWire
from pickeez_site.dialects.security import OPEN
from pickeez_site.serving.media import MediaPaths

operation = partial(viewsets.operation, base=PickeezWire)


class TokenAuthentication(BearerAuthentication):
    """A token in the header, or as the parameter `token`."""

    message = NO_USER

    def token_of(self, request: Request) -> str | None:
        token = super().token_of(request)
        return READER.credential(request, "token") if token is None else token


class PickeezViewSet(viewsets.DialectViewSet):
    """A caller with a token, and parameters from anywhere."""

    dialect = DIALECT
    parser_classes = PARSERS
    authentication_classes = [TokenAuthentication]
    permission_classes = [viewsets.SignedIn]

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Refuses a body without members also where nothing is asked for."""
        super().initial(request, *args, **kwargs)
        READER.given(request)

    @property
    def media(self) -> MediaPaths:
        """Where this server's pictures are, as the caller calls the server."""
        return MediaPaths(self.request.build_absolute_uri("/").rstrip("/"))


class PublicViewSet(PickeezViewSet):
    """Open to everybody; a token that is presented must still be good."""

    permission_classes = []
    security = A_TOKEN_OR_NONE


class CredentialFreeViewSet(PickeezViewSet):
    """Open to everybody, whatever token they send along: signing in again is how one gets rid of a bad one."""

    authentication_classes = []
    permission_classes = []
    security = OPEN
