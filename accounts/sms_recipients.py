"""Which phones get SMS: no premium, satellite and emergency numbers, and only the countries of `SMS_COUNTRIES`."""

from functools import lru_cache

import phonenumbers
from django.conf import settings
from phonenumbers import PhoneNumberType

from accounts.phones import COUNTRIES, parse_stored

UNKNOWN_COUNTRY = "ZZ"  # ISO 3166 reserves it for users
_PREMIUM = (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)
# Nobody's mobile: personal numbers (British 070) cost as much as premium ones, the others read no SMS.
_NO_MOBILE = (
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.PAGER,
    PhoneNumberType.UAN,
    PhoneNumberType.VOICEMAIL,
)
# Satellite networks (870, 881, 882, 883) and premium numbers (979) have country codes of their own, like other
# services that no mobile has (800, 808, 878, 888).
_WITHOUT_COUNTRY = tuple(
    str(code) for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items() if regions == ("001",)
)
# Shorter ones are digits of no numbering plan, as in the Pickeez document (`888`).
_SHORTEST_INTERNATIONAL = 8
_LONGEST_EMERGENCY = 6
# Somalia's 555 and 888 are numbers of the Pickeez document.
_EMERGENCY_REGIONS = sorted(COUNTRIES - {"SO"})


class NoSmsToPhone(Exception):
    """No SMS is sent to this phone. The text says why, and is meant for users."""


def country_of(phone: str) -> str:
    """Returns the ISO 3166 code of the phone's country; `ZZ` for digits of no numbering plan."""
    parsed = parse_stored(phone)
    return (phonenumbers.region_code_for_number(parsed) if parsed else None) or UNKNOWN_COUNTRY


def check_recipient(phone: str) -> None:
    """Raises `NoSmsToPhone` for premium, satellite and emergency numbers, and outside of `SMS_COUNTRIES`."""
    parsed = parse_stored(phone)
    if parsed and phonenumbers.number_type(parsed) in _PREMIUM:
        raise NoSmsToPhone("No SMS are sent to premium numbers.")
    if parsed and phonenumbers.number_type(parsed) in _NO_MOBILE:
        raise NoSmsToPhone("No SMS are sent to personal numbers, pagers and other services.")
    if len(phone) >= _SHORTEST_INTERNATIONAL and phone.startswith(_WITHOUT_COUNTRY):
        raise NoSmsToPhone("No SMS are sent to satellite numbers, or to others without a country.")
    if len(phone) <= _LONGEST_EMERGENCY and _is_emergency(phone):
        raise NoSmsToPhone("No SMS are sent to emergency numbers.")
    if settings.SMS_COUNTRIES and country_of(phone) not in settings.SMS_COUNTRIES:
        raise NoSmsToPhone("No SMS are sent to this country.")


@lru_cache(maxsize=1000)
def _is_emergency(phone: str) -> bool:
    return any(phonenumbers.is_emergency_number(phone, region) for region in _EMERGENCY_REGIONS)
