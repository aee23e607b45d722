"""Which phones get SMS."""

import pytest
from pytest_django import Settings

from accounts.sms_recipients import NoSmsToPhone, check_recipient, country_of


@pytest.mark.parametrize(
    "phone",
    ["972522934321", "12025550143", "525512345678", "447400123456", "555", "777", "888", "4567", "0522934321"],
)
def test_mobiles_and_the_documents_numbers_get_sms(phone: str) -> None:
    check_recipient(phone)


@pytest.mark.parametrize(
    ("phone", "why"),
    [
        ("19002345678", "premium"),
        ("448712345678", "premium"),
        ("449098790000", "premium"),
        ("9721901234567", "premium"),
        ("979123456789", "premium"),
        ("870773111632", "satellite"),
        ("881612345678", "satellite"),
        ("88213123456", "satellite"),
        ("88216123456789", "satellite"),
        ("447012345678", "personal"),
        ("15002345678", "personal"),
        ("447640123456", "pager"),
        ("445512345678", "services"),
        ("112", "emergency"),
        ("911", "emergency"),
        ("999", "emergency"),
        ("110", "emergency"),
    ],
)
def test_premium_satellite_and_emergency_numbers_get_none(phone: str, why: str) -> None:
    with pytest.raises(NoSmsToPhone, match=why):
        check_recipient(phone)


def test_a_setting_narrows_the_countries(settings: Settings) -> None:
    settings.SMS_COUNTRIES = ["IL", "GB"]
    check_recipient("972522934321")
    for phone in ("12025550143", "555"):
        with pytest.raises(NoSmsToPhone, match="this country"):
            check_recipient(phone)


@pytest.mark.parametrize(
    ("phone", "country"), [("972522934321", "IL"), ("14165550143", "CA"), ("555", "ZZ"), ("", "ZZ")]
)
def test_the_country_of_a_phone(phone: str, country: str) -> None:
    assert country_of(phone) == country
