"""Pixoneye as data: its envelope `{"error": …}`, its closed bodies; and the base of its viewsets."""

from functools import partial
from typing import Annotated

from django.core.exceptions import PermissionDenied
from django.core.signing import SignatureExpired

from pickeez_site.dialects.authentication import KeyAuthentication
from pickeez_site.dialects.dialect import Dialect, ErrorDescription, ErrorRow
from pickeez_site.dialects.parsers import AnyValueJSONParser
from pickeez_site.dialects.pixoneye.scrolling import LIFETIME_SECONDS
from pickeez_site.dialects.pixoneye.wire import PixoneyeWire
from pickeez_site.dialects.security import API_KEYS, TOKEN
from pickeez_site.dialects.viewsets import DialectViewSet
from pickeez_site.dialects.viewsets import operation as any_operation
from pickeez_site.dialects.wire.reading import ClosedReader
from pickeez_site.dialects.wire.types import rules
from profiles.models import ApiKey, App


class Error(PixoneyeWire):
    error: Annotated[str, rules("What is wrong; of a member, its name and what it allows.")]


DIALECT = Dialect(
    title="Pixoneye",
    description="Demographic profiles of devices, from server to server, with an app's key.",
    reader=ClosedReader(),
    envelope=lambda failure: Error(error=failure.words),
    error=Error,
    errors=[ErrorRow(SignatureExpired, 410, "The scrollID has expired. Begin again without one.")],
    error_descriptions={
        401: ErrorDescription(
            "No API key, a wrong or revoked one; or a token that is missing or wrong.", "Invalid API key."
        ),
        403: ErrorDescription(
            "Another app's or owner's id, or another user's consent.", "This key is not one of that appID."
        ),
        410: ErrorDescription(f"The scrollID is older than {LIFETIME_SECONDS} s."),
    },
    always=(400, 401, 403, 503),
    challenge="Api-Key",
    no_user="The user's token is required: send it in the header Authorization: Bearer TOKEN.",
    security=[{name: []} for name in API_KEYS],
    security_schemes={**API_KEYS, "token": TOKEN},
)

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
