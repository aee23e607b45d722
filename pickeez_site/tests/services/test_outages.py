"""Broker, bucket and database are taken away in the middle of an album, and given back."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from conftest import MakePicture
from core.tests.presence import present
from pickeez_site.tests.services.clients import Answers, post, upload_stubbornly
from pickeez_site.tests.services.gate import Gate
from pickeez_site.tests.services.party import PICTURES, Party, until
from pickeez_site.tests.services.places import Place

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

BEFORE = 30
OUTAGE_SECONDS = {"shut": 6, "stall": 20}  # longer than anything is waited for
LONGEST_ANSWER = 15
# (where the server lives, what is taken away, whether it refuses or hangs)
OUTAGES = [
    ("redis", "broker", "shut"),
    ("redis", "broker", "stall"),
    ("rabbitmq", "broker", "shut"),
    ("rabbitmq", "broker", "stall"),
    ("redis", "bucket", "shut"),
    ("redis", "bucket", "stall"),
    ("rabbitmq", "bucket", "shut"),
    ("redis", "database", "shut"),
    ("rabbitmq", "database", "shut"),
]


@pytest.mark.parametrize(("broker", "service", "how"), OUTAGES)
def test_an_outage_loses_nothing_and_is_no_500(
    here: Place, party: Party, make_picture: MakePicture, broker: str, service: str, how: str
) -> None:
    answers = Answers()
    gate = getattr(here, service)
    outage = threading.Thread(target=take_away, args=(gate, how, party))
    outage.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: upload_stubbornly(party, make_picture, number, answers), range(PICTURES)))
    outage.join()
    answers.until_ok(lambda: post(party.people[0], party.stack.url, f"/albums/{party.album}/done_uploading"))
    until(party.is_done, seconds=120, what="finishing after the outage")
    time.sleep(2)  # what is delivered twice comes late
    party.assert_done_once()
    assert set(answers.statuses) <= {200, 503}, answers
    assert (answers.statuses[503] == 0) == (service == "broker"), answers
    assert answers.longest < LONGEST_ANSWER


def take_away(gate: Gate, how: str, party: Party) -> None:
    until(lambda: len(party.shown) >= BEFORE, what="the first uploads")
    (gate.shut if how == "shut" else gate.stall)()
    time.sleep(OUTAGE_SECONDS[how])
    gate.open()


def test_a_server_without_its_database_is_well_again_without_a_restart(here: Place, party: Party) -> None:
    me = party.people[0]

    def ask() -> requests.Response:
        return requests.get(
            f"{party.stack.url}/me", headers={"Authorization": f"Bearer {me.token}"}, timeout=LONGEST_ANSWER
        )

    assert ask().status_code == 200
    with present(here.database).shut_for_a_while():
        answer = ask()
        assert answer.status_code == 503
        assert answer.json()["msg"]
        assert "Retry-After" in answer.headers
    assert ask().status_code == 200
