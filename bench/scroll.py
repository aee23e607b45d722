"""Scrolling through a million profiles: the last batch against the first, and a batch against bare SQL and orjson.

`python -m bench.scroll` creates its own database, beside the one that `DATABASE_URL` names or in a temporary
SQLite file, and drops it in the end. `PROFILES` is the number of profiles.
"""

import json
import time
from collections.abc import Callable
from uuid import UUID

import orjson
from django.db import connection
from django.test import Client
from django.utils import timezone
from uuid_utils.compat import uuid7

from bench.database import fresh_database
from bench.sizes import size
from pickeez_site.dialects.pixoneye.scrolling import Scroll, scroll_id
from profiles.demographics import known_words
from profiles.models import Profile
from profiles.services import get_or_create_app, issue_key

ROUNDS = 40
SIZE = 1000
PATH = "/v1/users/profiles-by-device-ids"
BARE = """
    SELECT (SELECT d.device_id FROM profiles_device d WHERE d.id = p.device_id), p.app_user_id, p.known
    FROM profiles_profile p WHERE p.app_id = %s AND p.id > %s ORDER BY p.id LIMIT 1000
"""
POSTED = {
    "gender": "male",
    "marital-status": "single",
    "age": "25-35",
    "sports": ["active", "viewer"],
    "country": "Israel",
    "city": "Tel Aviv",
    "country-vacations": ["Italy", "France"],
}
DERIVED = {"country": "Israel", "city": "Jaffa", "city-vacations": ["Rome", "Paris"], "pets": ["dog"]}


def run() -> None:
    """Prints three ratios and what they must be at most."""
    with fresh_database():
        _measure(size("PROFILES", 1_000_000, 5_000))


def _measure(number: int) -> None:
    app = get_or_create_app(owner_id="Acme", app_id="Shop")
    client = Client(headers={"api_key": issue_key(app=app)[1]})
    _fill(app.pk, number)
    keys = Profile.objects.filter(app=app)
    newest = keys.order_by("-pk").values_list("pk", flat=True)
    before_last = Scroll(newest[SIZE], newest[0], SIZE)

    def batch(**more: str) -> None:
        answer = client.post(PATH, {"deviceIDs": "*", "appID": "Shop", **more}, content_type="application/json")
        assert answer.content.count(b"deviceID") == SIZE

    def bare() -> None:
        with connection.cursor() as cursor:
            prepare = (
                connection.ops.adapt_unknown_value if connection.vendor == "postgresql" else lambda key: key.hex
            )
            cursor.execute(BARE, [prepare(app.pk), prepare(before_last.after)])
            assert orjson.dumps(cursor.fetchall())

    first, last, floor = _times(batch, lambda: batch(scrollID=scroll_id(app, before_last)), bare)
    where = f"{connection.vendor}, {number:,} profiles"
    print(f"scroll ({where}): last batch / first batch      {last / first:.2f}  (at most 1.2)")
    print(f"scroll ({where}): first batch / last batch      {first / last:.2f}  (at most 1.2)")
    print(f"scroll ({where}): batch of 1,000 / SQL + orjson {last / floor:.2f}  (at most 3)")
    print(f"  first {first * 1e3:.1f} ms, last {last * 1e3:.1f} ms, bare SQL and orjson {floor * 1e3:.1f} ms")


def _times(*jobs: Callable[[], None]) -> list[float]:
    """The best time of each job in seconds. The jobs run in turn, so that other work on the machine slows all."""
    times: list[list[float]] = [[] for _ in jobs]
    for _ in range(ROUNDS):
        for job, spent in zip(jobs, times, strict=True):
            start = time.perf_counter()
            job()
            spent.append(time.perf_counter() - start)
    return [min(spent) for spent in times]


def _fill(app_id: UUID, number: int) -> None:
    native = connection.features.has_native_uuid_field
    key = (lambda uuid: uuid) if native else (lambda uuid: uuid.hex)
    now = timezone.now()
    devices = "INSERT INTO profiles_device (id, app_id, device_id, created_at) VALUES (%s, %s, %s, %s)"
    profiles = (
        "INSERT INTO profiles_profile"
        " (id, app_id, device_id, app_user_id, posted, derived, known, created_at, updated_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
    )
    posted, derived, known = json.dumps(POSTED), json.dumps(DERIVED), known_words(POSTED, DERIVED)
    for start in range(0, number, 10_000):
        rows = [(key(uuid7()), start + i) for i in range(min(10_000, number - start))]
        with connection.cursor() as cursor:
            cursor.executemany(devices, [(pk, key(app_id), f"device-{n}", now) for pk, n in rows])
            values = [
                (key(uuid7()), key(app_id), pk, f"user-{n}", posted, derived, known, now, now) for pk, n in rows
            ]
            cursor.executemany(profiles, values)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    run()
