"""What Pickeez's wire types have in common."""

from typing import Annotated

from pickeez_site.dialects.wire import Id, Wire
from pickeez_site.dialects.wire.types import rules

MAX_NUMBER = 2**31 - 1
Digits = Annotated[str, rules("Digits with country code, without `+`.", pattern="^[0-9]{3,15}$")]
AsGiven = Annotated[str | None, rules("As the client gave it.")]
GivenUrl = Annotated[str | None, rules("As it was given.")]
CallersOwn = Annotated[str | None, rules("The caller's own.", source="local_id")]
Pixels = Annotated[int, rules("Pixels.", ge=1)]


def wire_name(name: str) -> str:
    return "_id" if name == "id" else name


class PickeezWire(Wire, rename=wire_name): ...


class Person(PickeezWire):
    """What everybody may know of a user whom they share an album with."""

    id: Id
    fb_id: str | None
    name: str | None
    pic_url: GivenUrl
    phone: Digits | None
    verified_phone: Digits | None
