"""The limits of all SMS together and of each country, and what counts as one address."""

from datetime import timedelta

import pytest
import time_machine
from django.db.models import Sum
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Message, RateLimitHit, User
from accounts.services import MoreThanLimit, RateLimitExceeded, queue_sms, send_code, set_phone
from accounts.services.throttling import RateLimit, address_limit, consume
from accounts.sms_recipients import NoSmsToPhone
from core.tests.answers import Json

AMERICAN = [f"1202{number}0143" for number in range(550, 560)]
ISRAELI = [f"97252293432{number}" for number in range(10)]
pytestmark = pytest.mark.django_db


def test_codes_and_invitations_have_one_limit_together(settings: Settings, sms: list[dict[str, Json]]) -> None:
    settings.SMS_PER_HOUR = 4
    queue_sms(phones=[AMERICAN[0], ISRAELI[0]], body="Come")
    send_code(phone=AMERICAN[1])
    send_code(phone=ISRAELI[1])
    with pytest.raises(RateLimitExceeded) as refused:
        send_code(phone="447400123456")
    assert 3590 < refused.value.retry_after <= 3600
    with pytest.raises(RateLimitExceeded):
        queue_sms(phones=["447400123456"], body="Come")
    assert (len(sms), Message.objects.count()) == (2, 2)
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        send_code(phone="447400123456")


def test_each_country_has_its_own_limit(settings: Settings) -> None:
    settings.SMS_PER_COUNTRY_PER_HOUR = 2
    queue_sms(phones=[*AMERICAN[:2], *ISRAELI[:1]], body="Come")
    with pytest.raises(RateLimitExceeded):
        send_code(phone=AMERICAN[2])
    send_code(phone=ISRAELI[1])
    with pytest.raises(RateLimitExceeded):
        queue_sms(phones=["447400123456", ISRAELI[2]], body="Come")
    assert not Message.objects.filter(phone="447400123456").exists()


def test_digits_of_no_country_share_one_limit(settings: Settings) -> None:
    settings.SMS_PER_COUNTRY_PER_HOUR = 1
    send_code(phone="555")
    with pytest.raises(RateLimitExceeded):
        send_code(phone="777")


def test_an_sms_that_is_not_sent_counts_for_nobody_but_its_sender(settings: Settings) -> None:
    settings.SMS_TO_PHONE_PER_HOUR = 1
    sender = User.objects.create_user()
    for _ in range(3):
        queue_sms(phones=AMERICAN[:1], body="Come", sender=sender)
    counted = RateLimitHit.objects.order_by("what").values_list("what").annotate(Sum("times"))
    assert dict(counted) == {"SMS": 1, "SMS by user": 3, "SMS to country": 1, "SMS to phone": 1}
    settings.SMS_PER_HOUR = 1
    with pytest.raises(RateLimitExceeded):
        queue_sms(phones=AMERICAN[1:2], body="Come", sender=sender)
    assert not RateLimitHit.objects.filter(what="SMS to phone", by=AMERICAN[1]).exists()


def test_more_invitations_at_once_than_an_hour_allows_are_told_so(settings: Settings) -> None:
    settings.SMS_BY_USER_PER_HOUR = 3
    sender = User.objects.create_user()
    with pytest.raises(MoreThanLimit, match="Only 3 are possible"):
        queue_sms(phones=AMERICAN[:4], body="Come", sender=sender)
    queue_sms(phones=AMERICAN[:3], body="Come", sender=sender)
    with pytest.raises(RateLimitExceeded):
        queue_sms(phones=AMERICAN[3:4], body="Come", sender=sender)
    assert Message.objects.count() == 3


def test_a_user_may_invite_fifty_by_sms_in_an_hour(settings: Settings) -> None:
    assert settings.SMS_BY_USER_PER_HOUR == 50


@pytest.mark.parametrize("phone", ["19002345678", "881612345678", "112"])
def test_no_code_and_no_invitation_goes_to_premium_satellite_and_emergency_numbers(
    phone: str, sms: list[dict[str, Json]]
) -> None:
    user = User.objects.create_user(phone="12025550143")
    with pytest.raises(NoSmsToPhone):
        send_code(phone=phone)
    with pytest.raises(NoSmsToPhone):
        set_phone(user=user, phone=phone)
    with pytest.raises(NoSmsToPhone):
        queue_sms(phones=["12025550144", phone], body="Come")
    user.refresh_from_db()
    assert (sms, Message.objects.count(), RateLimitHit.objects.count()) == ([], 0, 0)
    assert user.phone == "12025550143"


@pytest.mark.parametrize(
    ("address", "by"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_an_ipv6_address_counts_as_its_64(address: str, by: str) -> None:
    assert address_limit("guess", address, 1) == RateLimit("guess", by, 1)


def test_a_customer_with_a_64_is_one_address(settings: Settings) -> None:
    settings.PHONE_CODES_PER_ADDRESS_PER_HOUR = 2
    for number in (1, 2):
        send_code(phone=AMERICAN[number], address=f"2001:db8:1:2::{number}")
    with pytest.raises(RateLimitExceeded):
        send_code(phone=AMERICAN[3], address="2001:db8:1:2:ffff::3")
    send_code(phone=AMERICAN[3], address="2001:db8:1:3::3")


def test_several_uses_at_once_are_one_row_and_end_together() -> None:
    start = timezone.now()
    for minutes, times in ((0, 300), (10, 600), (20, 50)):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            consume([RateLimit("lookup", "somebody", 1000, times)])
    assert RateLimitHit.objects.count() == 3
    with time_machine.travel(start + timedelta(minutes=30), tick=False):
        with pytest.raises(RateLimitExceeded) as refused:
            consume([RateLimit("lookup", "somebody", 1000, 350)])
        assert refused.value.retry_after == 30 * 60
        with pytest.raises(RateLimitExceeded) as refused:
            consume([RateLimit("lookup", "somebody", 1000, 351)])
        assert refused.value.retry_after == 40 * 60
        consume([RateLimit("lookup", "somebody", 1000, 50)])


def test_an_account_causes_fewer_sms_in_its_first_day(settings: Settings) -> None:
    assert (settings.SMS_BY_NEW_USER_PER_DAY, settings.SMS_BY_USER_PER_DAY) == (50, 300)
    settings.SMS_BY_NEW_USER_PER_DAY, settings.SMS_BY_USER_PER_DAY = 2, 4
    settings.SMS_BY_USER_PER_HOUR = 2
    new, old = User.objects.create_user(), User.objects.create_user()
    User.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=25))
    old.refresh_from_db()
    queue_sms(phones=AMERICAN[:2], body="Come", sender=new)
    with time_machine.travel(timezone.now() + timedelta(hours=2)), pytest.raises(RateLimitExceeded):
        queue_sms(phones=AMERICAN[2:3], body="Come", sender=new)
    queue_sms(phones=AMERICAN[:2], body="Come", sender=old)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        queue_sms(phones=AMERICAN[2:4], body="Come", sender=old)
    with time_machine.travel(timezone.now() + timedelta(hours=4)), pytest.raises(RateLimitExceeded):
        queue_sms(phones=AMERICAN[4:5], body="Come", sender=old)


def test_a_phone_gets_thirty_invitations_a_day(settings: Settings) -> None:
    assert settings.SMS_TO_PHONE_PER_DAY == 30
    settings.SMS_TO_PHONE_PER_DAY = settings.SMS_TO_PHONE_PER_HOUR = 2
    start = timezone.now()
    reached = []
    for hours in (0, 2, 4, 25):
        with time_machine.travel(start + timedelta(hours=hours)):
            reached.append(queue_sms(phones=AMERICAN[:1], body="Come"))
    assert reached == [AMERICAN[:1], AMERICAN[:1], [], AMERICAN[:1]]
