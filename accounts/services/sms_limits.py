"""The limits of all SMS together, and of those that a user causes: each one costs the operator money."""

from collections import Counter
from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from accounts.services.throttling import DAY, RateLimit
from accounts.sms_recipients import country_of


def limits_for_all_sms(phones: Sequence[str]) -> list[RateLimit]:
    """Returns the limits, over all and for each country, that SMS to these phones count against."""
    countries = Counter(country_of(phone) for phone in phones)
    return [
        RateLimit("SMS", "all", settings.SMS_PER_HOUR, len(phones)),
        *(
            RateLimit("SMS to country", country, settings.SMS_PER_COUNTRY_PER_HOUR, number)
            for country, number in countries.items()
        ),
    ]


def limits_for_sender(sender: User, number: int) -> list[RateLimit]:
    """Returns the limits that `number` SMS of a user count against: fewer in the first day of the account."""
    is_new = sender.created_at > timezone.now() - DAY
    per_day = settings.SMS_BY_NEW_USER_PER_DAY if is_new else settings.SMS_BY_USER_PER_DAY
    return [
        RateLimit("SMS by user", str(sender.pk), settings.SMS_BY_USER_PER_HOUR, number),
        RateLimit("SMS by user", str(sender.pk), max(per_day, settings.SMS_BY_USER_PER_HOUR), number, window=DAY),
    ]
