"""The table of limits is what the settings say, and its counters are shared by all processes."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import RateLimitHit
from accounts.services import RateLimitExceeded
from accounts.services.throttling import RateLimit, consume

PROJECT = Path(__file__).parents[2]
ROW = re.compile(
    r"^\| (?P<what>[^|]+) \| (?P<whom>[^|]+) \| (?P<default>\d+) \| `(?P<setting>[A-Z_]+)` \|", re.MULTILINE
)
NOT_LIMITS = {  # durations, sizes of this machine, and the like
    "ALBUM_QUIET_SECONDS",
    "ALGO_LEASE_SECONDS",
    "INVITATION_LINK_DAYS",
    "MEDIA_URL_SECONDS",
    "METRICS_PORT",
    "PORT",
    "UMASK",
    "WEB_PROCESSES",
    "WORKER_CHILD_MEMORY_MB",
}


def table() -> dict[str, int]:
    text = (PROJECT / "docs" / "limits.md").read_text(encoding="utf-8")
    return {row["setting"]: int(row["default"]) for row in ROW.finditer(text)}


def defaults() -> dict[str, int]:
    """Returns the limits among the settings, with the defaults of `.env.example`."""
    text = (PROJECT / ".env.example").read_text(encoding="utf-8")
    numbers = {name: int(value) for name, value in re.findall(r"^#([A-Z_]+)=(\d+)$", text, re.MULTILINE)}
    return {name: value for name, value in numbers.items() if name not in NOT_LIMITS}


def test_the_table_has_every_limit_with_its_default() -> None:
    assert {name: number for name, number in table().items() if name in defaults()} == defaults()


@pytest.mark.parametrize("name", sorted(table()))
def test_each_setting_of_the_table_exists(name: str) -> None:
    assert isinstance(getattr(settings, name), int)


@pytest.mark.django_db(transaction=True)
def test_connections_of_several_processes_share_the_counters() -> None:
    """Each thread has a connection of its own, as another process has."""

    def use(_number: int) -> bool:
        try:
            consume([RateLimit("shared", "somebody", 3)])
        except RateLimitExceeded:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        allowed = list(pool.map(use, range(8)))
    assert sum(allowed) == 3
    assert RateLimitHit.objects.filter(what="shared").count() == 3
