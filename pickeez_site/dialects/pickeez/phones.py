"""Phone numbers as people write them."""

from accounts.models import User
from accounts.phones import InvalidPhone, normalise
from pickeez_site.dialects.wire import BadInput


def phone_from(number: str, caller: User | None) -> str:
    """The number's digits with country code, read in the country of the caller's own phone."""
    phone = phone_or_none(number, caller)
    if phone is None:
        raise BadInput("This is not a phone number.")
    return phone


def phone_or_none(number: str, caller: User | None) -> str | None:
    own = (caller.verified_phone or caller.phone) if caller else None
    if number.startswith("-"):  # a negative number, by mistake
        return None
    try:
        return normalise(number, caller_phone=own)
    except InvalidPhone:
        return None
