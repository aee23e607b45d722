from typing import Any

from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from accounts.models import User
from pickeez_site.dialects.parsers import PARSERS
from pickeez_site.dialects.pickeez.authentication import PickeezAuthentication, SignedIn
from pickeez_site.dialects.pickeez.errors import render_error
from pickeez_site.dialects.pickeez.parameters import Parameters
from pickeez_site.dialects.wire import WireRenderer
from pickeez_site.serving.media import MediaPaths


class PickeezViewSet(ViewSet):
    """A caller with a token, parameters from anywhere, errors in Pickeez's envelope."""

    parser_classes = PARSERS
    renderer_classes = [WireRenderer]
    authentication_classes = [PickeezAuthentication]
    permission_classes = [SignedIn]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.parameters = Parameters(request)

    @property
    def media(self) -> MediaPaths:
        """Where this server's pictures are, as the caller calls the server."""
        return MediaPaths(self.request.build_absolute_uri("/").rstrip("/"))

    @property
    def caller(self) -> User:
        assert isinstance(self.request.user, User)  # noqa: S101 - SignedIn let nobody else in
        return self.request.user

    def get_exception_handler(self) -> Any:
        return render_error


class PublicViewSet(PickeezViewSet):
    """Open to everybody; a token that is presented must still be good."""

    permission_classes = []


class CredentialFreeViewSet(PickeezViewSet):
    """Open to everybody, whatever token they send along: signing in again is how one gets rid of a bad one."""

    authentication_classes = []
    permission_classes = []
