"""Scrolling through all profiles of an app. The server keeps nothing: the scrollID is the whole state, signed."""

import time
from dataclasses import dataclass
from uuid import UUID

from django.core.signing import BadSignature, Signer

from pickeez_site.dialects.wire import BadInput
from profiles.models import App

LIFETIME_SECONDS = 60
MAX_LENGTH = 1000
SIGNER = Signer(salt="pickeez_site.dialects.pixoneye.scrolling")


class ScrollExpired(Exception):
    """The scrollID was good, too long ago."""


@dataclass(frozen=True)
class Scroll:
    """How far a scroll has come: profiles up to `after` were sent, those up to `until` there when it began."""

    after: UUID
    until: UUID
    size: int


def scroll_id(app: App, scroll: Scroll) -> str:
    """Good for this app and its owner, from now on for `LIFETIME_SECONDS`."""
    state = [scroll.after.hex, scroll.until.hex, scroll.size, app.pk.hex, app.owner_id.hex, time.time()]
    return SIGNER.sign_object(state)


def read_scroll(app: App, text: str) -> Scroll:
    """Raises `BadInput` for what was never sent for this app and its owner, and `ScrollExpired`."""
    try:
        sent = SIGNER.unsign_object(text)
    except BadSignature as error:
        raise BadInput("scrollID must be one that an answer carried, unchanged.") from error
    after, until, size, *bound_to, sent_at = sent
    if bound_to != [app.pk.hex, app.owner_id.hex]:
        raise BadInput("scrollID must be of the same app.")
    if time.time() > sent_at + LIFETIME_SECONDS:
        raise ScrollExpired
    return Scroll(UUID(after), UUID(until), size)
