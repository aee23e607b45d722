"""Reads and formats phone numbers. They are stored as digits with the country code and without a '+'."""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

MAX_INPUT_CHARACTERS = 64
# ITU-T E.164 allows 15 digits; the Pickeez document has numbers of three (`555`).
MIN_DIGITS, MAX_DIGITS = 3, 15
DEFAULT_REGION = "US"
COUNTRIES = phonenumbers.SUPPORTED_REGIONS  # ISO 3166 codes

# All dashes of Unicode (category Pd) separate digits. So do characters that look like one (soft hyphen, minus
# signs, hyphen bullet, the Japanese prolonged sound mark), the direction marks (Unicode UAX 9) that phones copy
# with a number in Hebrew or Arabic text, and other invisible characters.
_SEPARATORS = frozenset(
    "-.()/~\u00ad\u02d7\u2043\u2212\u30fc"
    "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    "\u200b\u2060\ufeff"
)

# By country code: forms in which the number of a mobile is written, and the one form in which it is stored.
_HANDSET_FORMS: dict[int, list[tuple[re.Pattern[str], str]]] = {
    # Mexico: until 2019, a mobile was +52 1 …, and dialled with 1, 044 or 045.
    52: [(re.compile(r"(?:0?1|04[45])(\d{10})"), r"\1")],
    # Argentina: a number exists once in its area. The 9 after +54 and the 15 after the area code are dialled to
    # reach a mobile, and often left out in phone books.
    54: [(re.compile(r"(\d{10})"), r"9\1"), (re.compile(r"9(\d{12})"), r"\1")],
    # Brazil: until 2016, mobiles had eight digits after the area code. All of them got a 9 in front.
    55: [(re.compile(r"(\d{2})([6-9]\d{7})"), r"\g<1>9\2")],
}
_ARGENTINE_MOBILE = re.compile(r"549(\d{10})")
_ARGENTINE_LOCAL_MOBILE = re.compile(r"15(\d{6,8})")


class InvalidPhone(ValueError):
    """The text cannot be read as a phone number."""


def normalise(number: str, *, caller_phone: str | None = None, region: str | None = None) -> str:
    """Returns `number` as 3 to 15 digits, country code first, without '+'.

    A number with '+' is international. Any other is read as dialled in the country `region` (ISO 3166), or without
    one in that of `caller_phone` (US when that is None or invalid), else as international digits, else as
    international with the prefix 00. Digits that are in no numbering plan are returned unchanged. A mobile that
    can be written in several forms gets one of them (`_HANDSET_FORMS`). Raises `InvalidPhone` for anything else,
    also for a number with an extension.
    """
    is_international, digits = _read_digits(number)
    phone = _parse(f"+{digits}") if is_international else _parse_dialled(digits, caller_phone, region)
    result = phonenumbers.format_number(phone, PhoneNumberFormat.E164).removeprefix("+") if phone else digits
    if not MIN_DIGITS <= len(result) <= MAX_DIGITS:
        raise InvalidPhone(f"A phone number has {MIN_DIGITS} to {MAX_DIGITS} digits.")
    return result


def parse_stored(phone: str) -> PhoneNumber | None:
    """Returns the stored number as `phonenumbers` knows it; None for digits of no numbering plan."""
    return _parse(f"+{phone}")


def national_format(phone: str) -> str:
    """Formats `972522934321` as `052-293-4321`; returns digits of no numbering plan unchanged."""
    parsed = parse_stored(phone)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL) if parsed else phone


def international_format(phone: str) -> str:
    """Formats `972522934321` as `+972 52-293-4321`; digits of no numbering plan get only the '+'."""
    parsed = parse_stored(phone)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL) if parsed else f"+{phone}"


def region_of(phone: str | None) -> str:
    """Returns the ISO 3166 code of the country of `phone` (normalised); `US` when it is unknown."""
    parsed = parse_stored(phone) if phone else None
    region = phonenumbers.region_code_for_number(parsed) if parsed else None
    return region if region in COUNTRIES else DEFAULT_REGION


def e164_format(phone: str) -> str:
    """Formats the digits with a leading `+`, as SMS gateways expect (ITU-T E.164)."""
    return f"+{phone}"


def _read_digits(number: str) -> tuple[bool, str]:
    """Returns whether the number starts with '+', and its digits. Raises `InvalidPhone` for other characters."""
    if len(number) > MAX_INPUT_CHARACTERS:
        raise InvalidPhone(f"A phone number has at most {MAX_INPUT_CHARACTERS} characters.")
    written = _without_scheme(unicodedata.normalize("NFKC", number).strip())
    text = "".join(_to_ascii(character) for character in written)
    digits = text.removeprefix("+")
    if not digits.isascii() or not digits.isdigit():
        raise InvalidPhone("A phone number is written with digits, spaces and - . ( ) / + only.")
    return text != digits, digits


def _without_scheme(text: str) -> str:
    """Returns the number of a `tel:` URI (RFC 3966), with its context; any other text unchanged."""
    scheme, is_uri, rest = text.partition(":")
    if not is_uri or scheme.lower() != "tel":
        return text
    number, *parameters = unquote(rest).split(";")
    values = dict(parameter.lower().partition("=")[::2] for parameter in parameters)
    if values.keys() & {"ext", "isub"}:
        raise InvalidPhone("The number of a mobile has no extension.")
    context = values.get("phone-context", "")
    if number.startswith("+") or not (number and context):
        return number
    if not context.startswith("+"):
        raise InvalidPhone("This is a number inside of a private network.")
    return context + number


def _to_ascii(character: str) -> str:
    """Converts a digit of any script to ASCII and a separator to ''; returns any other character unchanged."""
    decimal = unicodedata.decimal(character, None)
    if decimal is not None:
        return str(decimal)
    is_separator = character in _SEPARATORS or character.isspace() or unicodedata.category(character) == "Pd"
    return "" if is_separator else character


def _parse_dialled(digits: str, caller_phone: str | None, region: str | None) -> PhoneNumber | None:
    region = region if region in COUNTRIES else region_of(caller_phone)
    readings = [(digits, region), (f"+{digits}", None)]
    # Where numbers vary in length, a whole number with its country code can also be valid as a local one
    # (Germany's 49151… as 0491 51…). Local numbers there are dialled with a trunk prefix, which this one lacks.
    country_code = str(phonenumbers.country_code_for_region(region))
    if phonenumbers.ndd_prefix_for_region(region, True) and digits.startswith(country_code):
        readings.reverse()
    if digits.startswith("00"):
        readings.append((f"+{digits[2:]}", None))
    own = _ARGENTINE_MOBILE.fullmatch(caller_phone or "")
    if own and (local := _ARGENTINE_LOCAL_MOBILE.fullmatch(digits)):
        area = own[1][: -len(local[1])]
        readings.append((f"+549{area}{local[1]}", None))
    return next(filter(None, (_parse(*reading) for reading in readings)), None)


def _parse(number: str, region: str | None = None) -> PhoneNumber | None:
    """Returns the number if it is valid, read as dialled in `region` unless it starts with '+'."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    return next(filter(phonenumbers.is_valid_number, (*_handset_forms(parsed), parsed)), None)


def _handset_forms(parsed: PhoneNumber) -> Iterator[PhoneNumber]:
    """Yields the form in which the number would be stored if it is a mobile written in another form."""
    national = phonenumbers.national_significant_number(parsed)
    for written, stored in _HANDSET_FORMS.get(parsed.country_code or 0, ()):
        if match := written.fullmatch(national):
            yield phonenumbers.parse(f"+{parsed.country_code}{match.expand(stored)}")
