"""Phone numbers: stored and compared as digits with the country code and without a '+'."""

import unicodedata

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

MAX_INPUT_CHARACTERS = 40
# ITU-T E.164 allows 15 digits; three is the shortest that is worth a message (`555` in the Pickeez document).
MIN_DIGITS, MAX_DIGITS = 3, 15
DEFAULT_REGION = "US"

# With the direction marks (Unicode UAX 9) that phones copy along with a number in Hebrew or Arabic.
_SEPARATORS = frozenset("-.()/\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class NotAPhone(ValueError):
    """The text cannot be read as a phone number."""


def normalise(number: str, *, caller_phone: str | None = None) -> str:
    """The 3 to 15 digits by which `number` is known, country code first, without '+'.

    A number with '+' is international. Any other is tried as one dialled in the country of `caller_phone` (US
    when that is None or invalid), then as international digits, then with the prefix 00. Digits that no
    numbering plan knows are returned as they are. Raises `NotAPhone` for anything else.
    """
    is_international, digits = _read_digits(number)
    phone = _parse(f"+{digits}") if is_international else _parse_dialled(digits, region_of(caller_phone))
    result = _e164_digits(phone) if phone else digits
    if not MIN_DIGITS <= len(result) <= MAX_DIGITS:
        raise NotAPhone(f"A phone number has {MIN_DIGITS} to {MAX_DIGITS} digits.")
    return result


def national_format(phone: str) -> str:
    """`972522934321` as `052-293-4321`; digits that no plan knows as they are."""
    parsed = _parse(f"+{phone}")
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL) if parsed else phone


def region_of(phone: str | None) -> str:
    """The ISO 3166 code of the country whose plan `phone` (normalised) belongs to, `US` when unknown."""
    parsed = _parse(f"+{phone}") if phone else None
    region = phonenumbers.region_code_for_number(parsed) if parsed else None
    return region if region in phonenumbers.SUPPORTED_REGIONS else DEFAULT_REGION


def international(phone: str) -> str:
    """`+` and the digits, as SMS gateways want it (ITU-T E.164)."""
    return f"+{phone}"


def _read_digits(number: str) -> tuple[bool, str]:
    """Whether a '+' leads, and the ASCII digits; raises `NotAPhone` for any other character."""
    if len(number) > MAX_INPUT_CHARACTERS:
        raise NotAPhone(f"A phone number has at most {MAX_INPUT_CHARACTERS} characters.")
    text = "".join(_plain(character) for character in unicodedata.normalize("NFKC", number))
    digits = text.removeprefix("+")
    if not digits.isascii() or not digits.isdigit():
        raise NotAPhone("A phone number is written with digits, spaces and - . ( ) / + only.")
    return text != digits, digits


def _plain(character: str) -> str:
    """An ASCII digit for any script's, '' for what only separates, any other character as it is."""
    decimal = unicodedata.decimal(character, None)
    if decimal is not None:
        return str(decimal)
    separates = character in _SEPARATORS or character.isspace() or unicodedata.category(character) == "Pd"
    return "" if separates else character


def _parse_dialled(digits: str, region: str) -> PhoneNumber | None:
    readings = [(digits, region), (f"+{digits}", None)]
    if _is_written_with_country_code(digits, region):
        readings.reverse()
    if digits.startswith("00"):
        readings.append((f"+{digits[2:]}", None))
    return next(filter(None, (_parse(*reading) for reading in readings)), None)


def _is_written_with_country_code(digits: str, region: str) -> bool:
    # Where numbers vary in length, a whole number with its country code can also be valid as a local one
    # (Germany's 49151… as 0491 51…). There a local number is dialled with a trunk prefix, and this has none.
    country_code = str(phonenumbers.country_code_for_region(region))
    return bool(phonenumbers.ndd_prefix_for_region(region, True)) and digits.startswith(country_code)


def _parse(number: str, region: str | None = None) -> PhoneNumber | None:
    """The number if a numbering plan has it, read as dialled in `region` unless it begins with '+'."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None


def _e164_digits(phone: PhoneNumber) -> str:
    return phonenumbers.format_number(phone, PhoneNumberFormat.E164).removeprefix("+")
