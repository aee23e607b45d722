"""Wrong credentials: counted by address and over all, refused when there are too many, logged for fail2ban."""

import logging

from django.conf import settings
from django.db import models

from accounts.services.throttling import RateLimit, address_limit, check_limits, consume

logger = logging.getLogger("pickeez.guesses")


class Credential(models.TextChoices):
    ADMIN_PASSWORD = "admin password"  # noqa: S105 - a name, no secret
    ALGORITHM_PASSWORD = "algorithm password"  # noqa: S105
    API_KEY = "API key"
    ACCESS_TOKEN = "access token"  # noqa: S105
    LINK = "link"


# People choose these, so they can be guessed: after too many wrong ones the right one is refused, too.
PASSWORDS = (Credential.ADMIN_PASSWORD, Credential.ALGORITHM_PASSWORD)


def check_guesses(*, credential: Credential, address: str) -> None:
    """Raises `RateLimitExceeded` for an address that has sent too many wrong passwords, or when all together have.

    Call it before the password is compared.
    """
    check_limits(_limits(credential, address))


def note_wrong_guess(*, credential: Credential, address: str) -> None:
    """Counts and logs a wrong credential. Raises `RateLimitExceeded` when there have been too many."""
    # fail2ban reads this line: `docs/observing.md` promises its form.
    logger.warning("wrong %s from %s", credential.value, address)
    consume(_limits(credential, address))


def _limits(credential: Credential, address: str) -> list[RateLimit]:
    if credential in PASSWORDS:
        per_address, over_all = settings.WRONG_PASSWORDS_PER_ADDRESS_PER_HOUR, settings.WRONG_PASSWORDS_PER_HOUR
    else:
        per_address, over_all = settings.WRONG_TOKENS_PER_ADDRESS_PER_HOUR, settings.WRONG_TOKENS_PER_HOUR
    what = f"wrong {credential.value}"
    return [address_limit(what, address, per_address), RateLimit(what, "all", over_all)]
