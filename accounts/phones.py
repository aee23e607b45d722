"""Reads and formats phone numbers. They are stored as digits with the country code and without a '+'."""

import unicodedata

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

MAX_INPUT_CHARACTERS = 40
# ITU-T E.164 allows 15 digits; the Pickeez document has numbers of three (`555`).
MIN_DIGITS, MAX_DIGITS = 3, 15
DEFAULT_REGION = "US"

# Includes the direction marks (Unicode UAX 9) that phones copy with a number in Hebrew or Arabic text.
_SEPARATORS = frozenset("-.()/\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class InvalidPhone(ValueError):
    """The text cannot be read as a phone number."""


def normalise(number: str, *, caller_phone: str | None = None) -> str:
    """Returns `number` as 3 to 15 digits, country code first, without '+'.

    A number with '+' is international. Any other is read as dialled in the country of `caller_phone` (US when that
    is None or invalid), else as international digits, else as international with the prefix 00. Digits that are in
    no numbering plan are returned unchanged. Raises `InvalidPhone` for anything else.
    """
    is_international, digits = _read_digits(number)
    phone = _parse(f"+{digits}") if is_international else _parse_dialled(digits, region_of(caller_phone))
    result = phonenumbers.format_number(phone, PhoneNumberFormat.E164).removeprefix("+") if phone else digits
    if not MIN_DIGITS <= len(result) <= MAX_DIGITS:
        raise InvalidPhone(f"A phone number has {MIN_DIGITS} to {MAX_DIGITS} digits.")
    return result


def national_format(phone: str) -> str:
    """Formats `972522934321` as `052-293-4321`; returns digits of no numbering plan unchanged."""
    parsed = _parse(f"+{phone}")
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL) if parsed else phone


def region_of(phone: str | None) -> str:
    """Returns the ISO 3166 code of the country of `phone` (normalised); `US` when it is unknown."""
    parsed = _parse(f"+{phone}") if phone else None
    region = phonenumbers.region_code_for_number(parsed) if parsed else None
    return region if region in phonenumbers.SUPPORTED_REGIONS else DEFAULT_REGION


def e164_format(phone: str) -> str:
    """Formats the digits with a leading `+`, as SMS gateways expect (ITU-T E.164)."""
    return f"+{phone}"


def _read_digits(number: str) -> tuple[bool, str]:
    """Returns whether the number starts with '+', and its digits. Raises `InvalidPhone` for other characters."""
    if len(number) > MAX_INPUT_CHARACTERS:
        raise InvalidPhone(f"A phone number has at most {MAX_INPUT_CHARACTERS} characters.")
    text = "".join(_to_ascii(character) for character in unicodedata.normalize("NFKC", number))
    digits = text.removeprefix("+")
    if not digits.isascii() or not digits.isdigit():
        raise InvalidPhone("A phone number is written with digits, spaces and - . ( ) / + only.")
    return text != digits, digits


def _to_ascii(character: str) -> str:
    """Converts a digit of any script to ASCII and a separator to ''; returns any other character unchanged."""
    decimal = unicodedata.decimal(character, None)
    if decimal is not None:
        return str(decimal)
    is_separator = character in _SEPARATORS or character.isspace() or unicodedata.category(character) == "Pd"
    return "" if is_separator else character


def _parse_dialled(digits: str, region: str) -> PhoneNumber | None:
    readings = [(digits, region), (f"+{digits}", None)]
    # Where numbers vary in length, a whole number with its country code can also be valid as a local one
    # (Germany's 49151… as 0491 51…). Local numbers there are dialled with a trunk prefix, which this one lacks.
    country_code = str(phonenumbers.country_code_for_region(region))
    if phonenumbers.ndd_prefix_for_region(region, True) and digits.startswith(country_code):
        readings.reverse()
    if digits.startswith("00"):
        readings.append((f"+{digits[2:]}", None))
    return next(filter(None, (_parse(*reading) for reading in readings)), None)


def _parse(number: str, region: str | None = None) -> PhoneNumber | None:
    """Returns the number if it is valid, read as dialled in `region` unless it starts with '+'."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None
