"""Workers of the same name: a successor whose predecessor still seems to be there, and another deployment's."""

from pathlib import Path

import pytest

from conftest import MakePicture
from pickeez_site.tests.services.party import FAKE_ENGINE, Party, until
from pickeez_site.tests.services.places import Place, place
from pickeez_site.tests.stack import Stack

PING = "from pickeez_site.celery import app; print(sorted(app.control.inspect(timeout=2).ping() or {}))"


def pinged(stack: Stack) -> bool:
    return "worker@" in stack.manage("shell", "--verbosity", "0", "--command", PING)


def another(tmp_path: Path, **settings: str) -> Stack:
    data_dir = tmp_path / "another"
    data_dir.mkdir()
    return Stack(data_dir, **FAKE_ENGINE, **settings)


@pytest.mark.services
@pytest.mark.parametrize("broker", ["rabbitmq"])
def test_a_worker_starts_while_the_broker_still_holds_its_predecessor(
    party: Party, stack: Stack, here: Place, make_picture: MakePicture, tmp_path: Path
) -> None:
    successor = another(tmp_path, **here.settings)
    try:
        successor.start("worker")
        party.upload(make_picture, range(24))
        until(lambda: "succeeded" in successor.logs(), what="a task of the successor's")
        stack.kill("worker")
        party.say_done()
        until(party.is_done, seconds=60, what="processing by the successor")
        party.assert_done_once()
    finally:
        successor.stop()


@pytest.mark.services
@pytest.mark.parametrize("broker", ["redis", "rabbitmq"])
def test_another_deployment_with_the_same_broker_does_not_answer_for_this_one(
    stack: Stack, tmp_path: Path, broker: str
) -> None:
    until(lambda: pinged(stack), what="an answer of the own worker")
    with place(broker) as elsewhere:
        assert not pinged(another(tmp_path, **elsewhere.settings))
