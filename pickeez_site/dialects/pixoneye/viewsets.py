from typing import Any

from django.core.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from pickeez_site.dialects.pixoneye.authentication import KeyAuthentication
from pickeez_site.dialects.pixoneye.errors import envelope, render_error
from pickeez_site.dialects.pixoneye.parameters import JSONParser, Members
from pickeez_site.dialects.rendering import OrjsonRenderer
from profiles.models import ApiKey, App


class PixoneyeViewSet(ViewSet):
    """A server with an app's key, bodies of JSON, errors in Pixoneye's envelope."""

    parser_classes = [JSONParser]
    renderer_classes = [OrjsonRenderer]
    authentication_classes = [KeyAuthentication]
    envelope = staticmethod(envelope)

    def get_exception_handler(self) -> Any:
        return render_error

    @property
    def key(self) -> ApiKey:
        assert isinstance(self.request.auth, ApiKey)  # noqa: S101 - nobody else is let in
        return self.request.auth

    def members(self, request: Request, *known: str) -> Members:
        """The body's members, none of them unknown."""
        return Members(request.data, known)

    def app(self, app_id: str) -> App:
        """The key's own app. Raises `PermissionDenied` for any other, there or not."""
        if app_id != self.key.app.app_id:
            raise PermissionDenied("This key is not one of that appID.")
        return self.key.app
