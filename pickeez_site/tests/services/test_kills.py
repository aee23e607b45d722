"""A process that is killed takes nothing with it."""

import os
import random
import signal
import time

import pytest

from pickeez_site.tests.services.party import PICTURES, until
from pickeez_site.tests.services.places import BROKERS

MOMENTS = 5
# One kill with each broker is quick enough to run every time.
KILLS = [
    pytest.param(
        broker,
        victim,
        moment,
        marks=[pytest.mark.chaos, *[pytest.mark.services] * (moment == 0 and victim == "main")],
    )
    for broker in BROKERS
    for victim in ("child", "main")
    for moment in range(MOMENTS)
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("broker", "victim", "moment"), KILLS)
def test_what_a_killed_worker_had_in_its_hands_is_done_once(party, stack, make_picture, broker, victim, moment):
    stack.kill("worker")
    party.upload(make_picture)
    party.say_done()
    photos = random.Random(f"{broker} {victim} {moment}").randrange(1, PICTURES - 10)
    stack.start("worker")
    until(lambda: party.photos_ready() >= photos, what=f"processing of {photos} photos")
    if victim == "main":
        stack.kill("worker")
        stack.start("worker")
    else:
        os.kill(random.choice(stack.children("worker")), signal.SIGKILL)
    until(party.is_done, seconds=60, what="finishing after the restart")
    time.sleep(2)  # what is delivered twice comes late
    party.assert_done_once()
