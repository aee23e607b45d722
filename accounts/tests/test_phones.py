import unicodedata

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType
from phonenumbers.phonenumber import PhoneNumber

from accounts.phones import InvalidPhone, e164_format, national_format, normalise, region_of

ISRAELI = "972522934321"
AMERICAN = "12125552368"
REGIONS = [
    "IL",
    "US",
    "CA",
    "GB",
    "IE",
    "FR",
    "DE",
    "AT",
    "CH",
    "IT",
    "ES",
    "PT",
    "NL",
    "BE",
    "LU",
    "DK",
    "SE",
    "NO",
    "FI",
    "IS",
    "PL",
    "CZ",
    "HU",
    "RO",
    "BG",
    "GR",
    "TR",
    "RU",
    "UA",
    "KZ",
    "IN",
    "PK",
    "CN",
    "JP",
    "KR",
    "AU",
    "NZ",
    "BR",
    "AR",
    "MX",
    "CL",
    "CO",
    "ZA",
    "NG",
    "KE",
    "EG",
    "MA",
    "SA",
    "AE",
    "ID",
    "VN",
    "TH",
    "XK",
]


def example_of(region: str) -> tuple[PhoneNumber, str]:
    """Returns the region's example of a mobile, parsed and as digits with the country code."""
    parsed = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    assert parsed
    return parsed, phonenumbers.format_number(parsed, PhoneNumberFormat.E164).removeprefix("+")


@pytest.mark.parametrize("written", ["+972 52-293-4321", "972522934321", "0522934321"])
def test_the_three_spellings_of_the_document_are_one_number(written: str) -> None:
    assert normalise(written, caller_phone=ISRAELI) == ISRAELI


@pytest.mark.parametrize(
    "written",
    [
        "\uff0b972522934321",
        "+\uff19\uff17\uff12 \uff15\uff12 \uff12\uff19\uff13 \uff14\uff13\uff12\uff11",
        "+٩٧٢٥٢٢٩٣٤٣٢١",
        "(+972) 52.293/4321",
        "+972 (0)52-293-4321",
        "\u202a+972\u00a052\u2011293\u20134321\u202c",
        " +972522934321\n",
        "00972522934321",
        "011 972 52-293-4321",
    ],
)
def test_any_usual_way_of_writing_an_international_number_is_read(written: str) -> None:
    assert normalise(written) == ISRAELI


@pytest.mark.parametrize("caller", [None, "", "555", "not a phone"])
def test_a_local_number_is_american_when_the_callers_country_is_unknown(caller: str | None) -> None:
    assert normalise("(212) 555-2368", caller_phone=caller) == AMERICAN


def test_a_local_number_is_read_in_the_callers_country_before_it_is_taken_as_international() -> None:
    # A mobile of Norway (+47) and a number of Arkansas (area code 479).
    assert normalise("4792345678", caller_phone=AMERICAN) == "14792345678"
    assert normalise("4792345678", caller_phone=ISRAELI) == "4792345678"


def test_a_whole_number_that_is_also_a_valid_local_one_keeps_its_country_code() -> None:
    assert normalise("4915138780134", caller_phone="4915138780134") == "4915138780134"
    assert normalise("0491 5138780", caller_phone="4915138780134") == "494915138780"


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("555", "555"),
        ("4567", "4567"),
        ("+555", "555"),
        ("5-5 5", "555"),
        ("9" * 15, "9" * 15),
        ("0522934321", "0522934321"),
    ],
)
def test_digits_of_no_numbering_plan_are_returned_unchanged(written: str, digits: str) -> None:
    assert normalise(written) == digits


@pytest.mark.parametrize(
    "written",
    ["", " ", "+", "12", "+12", "9" * 16, "+" + "9" * 16, "1" * 65, "555" + " " * 62, "phone", "555x12", "555 ext. 3",
     "555#3", "555;ext=3", "tel:", "tel:abc", "sms:555", "555,1", "++972522934321", "972+522934321", "\x00555", "555\x00", "½555", "5\u03015",
     "-", "💡555"],
)  # fmt: skip
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(InvalidPhone):
        normalise(written, caller_phone=ISRAELI)


MEXICAN, ARGENTINE, BRAZILIAN = "525512345678", "5491123456789", "5511961234567"


@pytest.mark.parametrize(
    ("written", "caller", "digits"),
    [
        ("+52 1 55 1234 5678", None, MEXICAN),
        ("+52 55 1234 5678", None, MEXICAN),
        ("5215512345678", None, MEXICAN),
        ("55 1234 5678", MEXICAN, MEXICAN),
        ("1 55 1234 5678", MEXICAN, MEXICAN),
        ("01 55 1234 5678", MEXICAN, MEXICAN),
        ("044 55 1234 5678", MEXICAN, MEXICAN),
        ("045 55 1234 5678", MEXICAN, MEXICAN),
        ("+54 9 11 2345-6789", None, ARGENTINE),
        ("+54 11 2345-6789", None, ARGENTINE),
        ("+54 11 15 2345-6789", None, ARGENTINE),
        ("+54 9 11 15 2345-6789", None, ARGENTINE),
        ("011 15 2345-6789", ARGENTINE, ARGENTINE),
        ("11 2345-6789", ARGENTINE, ARGENTINE),
        ("15 2345-6789", ARGENTINE, ARGENTINE),
        ("02966 15 42-1234", ARGENTINE, "5492966421234"),
        ("15 42-1234", "5492966421235", "5492966421234"),
        ("+55 11 96123-4567", None, BRAZILIAN),
        ("+55 11 6123-4567", None, BRAZILIAN),
        ("551161234567", None, BRAZILIAN),
        ("11 6123-4567", BRAZILIAN, BRAZILIAN),
        ("0 15 11 6123-4567", BRAZILIAN, BRAZILIAN),
    ],
)
def test_all_forms_in_which_a_mobile_is_written_are_one_number(
    written: str, caller: str | None, digits: str
) -> None:
    assert normalise(written, caller_phone=caller) == digits
    assert normalise(f"+{digits}") == digits


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("+55 11 2345-6789", "551123456789"),  # a landline of São Paulo
        ("+54 800 123 4567", "548001234567"),
        ("+52 800 123 4567", "528001234567"),
        ("+1 551 234 5678", "15512345678"),
    ],
)
def test_a_number_that_is_no_mobile_in_another_form_stays_as_it_is(written: str, digits: str) -> None:
    assert normalise(written) == digits


DASHES = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Pd"]


@pytest.mark.parametrize("dash", [*DASHES, "\u2212", "\u00ad", "\u02d7", "\u2043", "\u207b", "\u30fc"], ids=ascii)
def test_every_kind_of_dash_separates_digits(dash: str) -> None:
    assert normalise(f"+972{dash}52{dash}293{dash}4321") == ISRAELI


@pytest.mark.parametrize(
    "uri",
    [
        "tel:+972-52-293-4321",
        "TEL:+972522934321",
        "tel:%2B972%2052-293-4321",
        "tel:052-293-4321;phone-context=+972",
        "tel:+972-52-293-4321;phone-context=example.com;rn=1",
    ],
)
def test_a_tel_uri_is_read(uri: str) -> None:
    assert normalise(uri) == ISRAELI


def test_a_tel_uri_without_a_context_is_read_as_dialled() -> None:
    assert normalise("tel:052-293-4321", caller_phone=ISRAELI) == ISRAELI
    assert normalise("tel:555") == "555"


@pytest.mark.parametrize(
    "uri",
    [
        "tel:+972-52-293-4321;ext=12",
        "tel:+972-52-293-4321;EXT=12",
        "tel:+972-52-293-4321;isub=1",
        "tel:7042;phone-context=example.com",
        "tel:;phone-context=+972",
    ],
)
def test_a_tel_uri_of_an_extension_or_a_private_number_is_refused(uri: str) -> None:
    with pytest.raises(InvalidPhone):
        normalise(uri)


@pytest.mark.parametrize("extension", ["x12", " ext. 12", "#12", ",12", ";ext=12", " доб. 12"])
def test_an_extension_is_no_mobile(extension: str) -> None:
    with pytest.raises(InvalidPhone):
        normalise(f"+972 52-293-4321{extension}")


def test_an_overlong_text_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phonenumbers, "parse", lambda *_: pytest.fail("was parsed"))
    with pytest.raises(InvalidPhone, match="at most 64"):
        normalise("1" * 1_000_000)


@pytest.mark.parametrize("region", REGIONS)
def test_a_normalised_number_stays_the_same_for_a_caller_of_its_country(region: str) -> None:
    _, digits = example_of(region)
    once = normalise(f"+{digits}", caller_phone=digits)
    assert once == digits
    assert normalise(once, caller_phone=digits) == once
    assert normalise(f"00{once}", caller_phone=digits) == once


@pytest.mark.parametrize("region", REGIONS)
def test_every_way_a_country_writes_its_numbers_gives_the_same_digits(region: str) -> None:
    parsed, digits = example_of(region)
    for style in (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164):
        assert normalise(phonenumbers.format_number(parsed, style), caller_phone=digits) == digits


@pytest.mark.parametrize("region", REGIONS)
def test_the_national_format_can_be_read_back(region: str) -> None:
    _, digits = example_of(region)
    assert national_format(digits) != digits
    assert normalise(national_format(digits), caller_phone=digits) == digits


@pytest.mark.parametrize("region", REGIONS)
def test_the_region_of_a_number_is_its_country(region: str) -> None:
    assert region_of(example_of(region)[1]) == region


@pytest.mark.parametrize("phone", [None, "", "555", "abc", "80012345678", "\x00"])
def test_the_region_of_anything_unknown_is_the_us(phone: str | None) -> None:
    assert region_of(phone) == "US"


def test_national_format_of_an_israeli_mobile() -> None:
    assert national_format(ISRAELI) == "052-293-4321"


@pytest.mark.parametrize("phone", ["", "555", "4567", "abc"])
def test_national_format_keeps_unknown_digits(phone: str) -> None:
    assert national_format(phone) == phone


def test_e164_format_adds_a_plus() -> None:
    assert e164_format(ISRAELI) == "+972522934321"
