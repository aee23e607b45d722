"""Pixoneye as data: its envelope `{"error": …}`, its closed bodies, its callers with an app's key."""

from typing import Annotated

from pickeez_site.dialects.dialect import Dialect, ErrorDescription, ErrorRow
from pickeez_site.dialects.pixoneye.scrolling import LIFETIME_SECONDS, ScrollExpired
from pickeez_site.dialects.security import API_KEYS, TOKEN
from pickeez_site.dialects.wire import Wire
from pickeez_site.dialects.wire.reading import ClosedReader
from pickeez_site.dialects.wire.types import rules


class Error(Wire):
    error: Annotated[str, rules("What is wrong; of a member, its name and what it allows.")]


DIALECT = Dialect(
    title="Pixoneye",
    description="Demographic profiles of devices, from server to server, with an app's key.",
    reader=ClosedReader(),
    envelope=lambda failure: Error(error=failure.words),
    error=Error,
    errors=[ErrorRow(ScrollExpired, 410, "The scrollID has expired. Begin again without one.")],
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
