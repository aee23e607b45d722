"""The table of limits is what the settings say, and its counters are shared by all processes."""

import math
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import RateLimitHit
from accounts.services import RateLimitExceeded
from accounts.services.throttling import RateLimit, consume

PROJECT = Path(__file__).parents[2]
ROW = re.compile(
    r"^\| (?P<what>[^|]+) \| (?P<whom>[^|]+) \| (?P<default>\d+) \| `(?P<setting>[A-Z_]+)` \|", re.MULTILINE
)
LIMIT = re.compile(r"^MAX_|^WEB_(?!PROCESSES)|_PER_")  # the names of settings that are limits


def table() -> dict[str, int]:
    text = (PROJECT / "docs" / "limits.md").read_text(encoding="utf-8")
    return {row["setting"]: int(row["default"]) for row in ROW.finditer(text)}


def defaults() -> dict[str, int]:
    """Returns the numbers among the settings, with the defaults of `.env.example`."""
    text = (PROJECT / ".env.example").read_text(encoding="utf-8")
    return {name: int(value) for name, value in re.findall(r"^#([A-Z_]+)=(\d+)$", text, re.MULTILINE)}


def test_the_table_has_every_limit() -> None:
    assert {name for name in defaults() if LIMIT.search(name)} <= table().keys()


def test_the_defaults_of_the_table_are_those_of_the_settings() -> None:
    read = "".join(file.read_text(encoding="utf-8") for file in (PROJECT / "pickeez_site/settings").glob("*.py"))
    assert table() == {name: defaults()[name] for name in table()}
    for name, number in table().items():
        written = re.search(rf'"{name}", ([^,)]+)', read)
        assert written, name
        assert math.prod(int(factor) for factor in written[1].split(" * ")) == number, name


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
