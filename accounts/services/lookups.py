"""Looks up which phones belong to users, within a limit: otherwise one could ask for all numbers of a country."""

from collections.abc import Collection
from uuid import UUID

from django.conf import settings

from accounts.models import User
from accounts.services.throttling import RateLimit, consume


def find_users_by_phones(*, caller: User, phones: Collection[str], looked_up: int) -> dict[str | None, UUID]:
    """Returns the ids of the users who have verified any of these phones, by phone.

    Counts `looked_up` numbers against the caller's hourly limit. Raises `RateLimitExceeded`.
    """
    consume([RateLimit("phone lookup", str(caller.pk), settings.PHONE_LOOKUPS_PER_HOUR, looked_up)])
    return dict(User.objects.filter(verified_phone__in=phones).values_list("verified_phone", "pk"))
