"""Workers of the same name: a successor of a killed worker, and a worker of another installation."""

from pathlib import Path

import pytest

from conftest import MakePicture
from pickeez_site.tests.services.deployments import Deployment, deploy
from pickeez_site.tests.services.shared_album import FAKE_ENGINE, SharedAlbum, wait_until
from pickeez_site.tests.stack import Stack

PING = "from pickeez_site.celery import app; print(sorted(app.control.inspect(timeout=2).ping() or {}))"


def answers_ping(stack: Stack) -> bool:
    return "worker@" in stack.manage("shell", "--verbosity", "0", "--command", PING)


def another_stack(tmp_path: Path, **settings: str) -> Stack:
    data_dir = tmp_path / "another"
    data_dir.mkdir()
    return Stack(data_dir, **FAKE_ENGINE, **settings)


@pytest.mark.services
@pytest.mark.parametrize("broker", ["rabbitmq"])
def test_a_worker_starts_while_the_broker_still_holds_its_predecessor(
    shared_album: SharedAlbum, stack: Stack, deployment: Deployment, make_picture: MakePicture, tmp_path: Path
) -> None:
    successor = another_stack(tmp_path, **deployment.settings)
    try:
        successor.start("worker")
        shared_album.upload(make_picture, range(24))
        wait_until(lambda: "succeeded" in successor.logs(), what="a task of the successor's")
        stack.kill("worker")
        shared_album.finish_uploading()
        wait_until(shared_album.is_done, what="processing by the successor")
        shared_album.assert_done_once()
    finally:
        successor.stop()


@pytest.mark.services
@pytest.mark.parametrize("broker", ["redis", "rabbitmq"])
def test_another_deployment_with_the_same_broker_does_not_answer_for_this_one(
    stack: Stack, tmp_path: Path, broker: str
) -> None:
    wait_until(lambda: answers_ping(stack), what="an answer of the own worker")
    with deploy(broker) as elsewhere:
        assert not answers_ping(another_stack(tmp_path, **elsewhere.settings))
