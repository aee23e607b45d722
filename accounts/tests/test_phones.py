import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat
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
    """Returns the region's example number, parsed and as digits with the country code."""
    parsed = phonenumbers.example_number(region)
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
    ["", " ", "+", "12", "+12", "9" * 16, "+" + "9" * 16, "1" * 41, "555" + " " * 40, "phone", "555x12", "555 ext. 3",
     "555#3", "555;ext=3", "tel:555", "555,1", "++972522934321", "972+522934321", "\x00555", "555\x00", "½555", "5\u03015",
     "-", "💡555"],
)  # fmt: skip
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(InvalidPhone):
        normalise(written, caller_phone=ISRAELI)


def test_an_overlong_text_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phonenumbers, "parse", lambda *_: pytest.fail("was parsed"))
    with pytest.raises(InvalidPhone, match="at most 40"):
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
