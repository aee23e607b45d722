"""The limits that all SMS of this server have together: each one costs its operator money."""

from collections import Counter
from collections.abc import Sequence

from django.conf import settings

from accounts.services.throttling import RateLimit
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
