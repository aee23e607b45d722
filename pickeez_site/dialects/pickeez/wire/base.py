"""What Pickeez's wire types have in common."""

from typing import Annotated

from msgspec import Meta

from pickeez_site.dialects.wire import Wire

MAX_NUMBER = 2**31 - 1
Digits = Annotated[str, Meta(pattern="^[0-9]{3,15}$", description="Digits with country code, without `+`.")]
AsGiven = Annotated[str | None, Meta(description="As the client gave it.")]
GivenUrl = Annotated[str | None, Meta(description="As it was given.")]
CallersOwn = Annotated[str | None, Meta(description="The caller's own.")]


def wire_name(name: str) -> str:
    return "_id" if name == "id" else name


class PickeezWire(Wire, rename=wire_name): ...
