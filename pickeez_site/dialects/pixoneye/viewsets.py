"""The base of Pixoneye's viewsets, and their `operation`."""

from functools import partial

from django.core.exceptions import PermissionDenied

from pickeez_site.dialects.authentication import KeyAuthentication
from pickeez_site.dialects.parsers import AnyValueJSONParser
from pickeez_site.dialects.pixoneye.dialect import DIALECT
from pickeez_site.dialects.pixoneye.wire import PixoneyeWire
from pickeez_site.dialects.viewsets import DialectViewSet
from pickeez_site.dialects.viewsets import operation as any_operation
from profiles.models import ApiKey, App

operation = partial(any_operation, base=PixoneyeWire)


class PixoneyeViewSet(DialectViewSet):
    """A server with an app's key, and bodies of JSON."""

    dialect = DIALECT
    parser_classes = [AnyValueJSONParser]
    authentication_classes = [KeyAuthentication]

    @property
    def key(self) -> ApiKey:
        assert isinstance(self.request.auth, ApiKey)  # noqa: S101 - nobody else is let in
        return self.request.auth

    def app(self, app_id: str) -> App:
        """The key's own app. Raises `PermissionDenied` for any other, there or not."""
        if app_id != self.key.app.app_id:
            raise PermissionDenied("This key is not one of that appID.")
        return self.key.app
