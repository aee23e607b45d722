"""Scrolling through all profiles of an app. The server keeps nothing: the scrollID is the whole state, signed."""

from dataclasses import dataclass
from uuid import UUID

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner

from pickeez_site.dialects.wire import BadInput
from profiles.models import App

LIFETIME_SECONDS = 60
MAX_LENGTH = 1000
SIGNER = TimestampSigner(salt="pickeez_site.dialects.pixoneye.scrolling")


@dataclass(frozen=True)
class Scroll:
    """How far a scroll has come: profiles up to `after` were sent, those up to `until` there when it began."""

    after: UUID
    until: UUID
    size: int


def scroll_id(app: App, scroll: Scroll) -> str:
    """Good for this app and its owner, from now on for `LIFETIME_SECONDS`."""
    state = [scroll.after.hex, scroll.until.hex, scroll.size, app.pk.hex, app.owner_id.hex]
    return SIGNER.sign_object(state)


def read_scroll(app: App, text: str) -> Scroll:
    """Raises `SignatureExpired`, and `BadInput` for what was never sent for this app and its owner."""
    try:
        after, until, size, *bound_to = SIGNER.unsign_object(text, max_age=LIFETIME_SECONDS)
    except SignatureExpired:
        raise
    except BadSignature as error:
        raise BadInput("scrollID must be one that an answer carried, unchanged.") from error
    if bound_to != [app.pk.hex, app.owner_id.hex]:
        raise BadInput("scrollID must be of the same app.")
    return Scroll(UUID(after), UUID(until), size)
