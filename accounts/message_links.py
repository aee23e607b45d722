"""Links that open something without a sign-in: made when their message is sent, and stored nowhere.

A message names in its `data` what its link leads to (`link_to`); an app above registers how such links are made.
"""

from collections.abc import Callable, Mapping

LINK_TO = "link_to"
LinkMaker = Callable[[str], str | None]
_makers: dict[str, LinkMaker] = {}


class DeadLink(Exception):
    """What the link leads to is not there any longer, so the message need not be sent."""


def register_link(kind: str) -> Callable[[LinkMaker], LinkMaker]:
    """Registers the function that makes links of this kind from an id; None means that it leads nowhere now."""

    def register(make: LinkMaker) -> LinkMaker:
        _makers[kind] = make
        return make

    return register


def link_to(kind: str, pk: object) -> dict[str, str]:
    """Returns what a message has in its `data` to be sent with this link."""
    return {LINK_TO: f"{kind}/{pk}"}


def link_of(data: Mapping[str, object]) -> str | None:
    """Makes the link of a message with this `data`; None when it has none. Raises `DeadLink`."""
    kind, _, pk = str(data.get(LINK_TO, "")).partition("/")
    if not kind:
        return None
    link = _makers[kind](pk)
    if link is None:
        raise DeadLink
    return link
