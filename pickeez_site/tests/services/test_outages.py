"""Outages of broker, bucket and database in the middle of an album."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from conftest import MakePicture
from core.tests.presence import present
from pickeez_site.tests.services.clients import Answers, post, upload_until_accepted
from pickeez_site.tests.services.deployments import Deployment
from pickeez_site.tests.services.proxy import TcpProxy
from pickeez_site.tests.services.shared_album import PICTURES, SharedAlbum, wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

BEFORE = 30
OUTAGE_SECONDS = {"close": 6, "stall": 20}  # longer than every timeout
LONGEST_ANSWER = 15
# (broker of the deployment, service with the outage, whether its connections are closed or stall)
OUTAGES = [
    ("redis", "broker", "close"),
    ("redis", "broker", "stall"),
    ("rabbitmq", "broker", "close"),
    ("rabbitmq", "broker", "stall"),
    ("redis", "bucket", "close"),
    ("redis", "bucket", "stall"),
    ("rabbitmq", "bucket", "close"),
    ("redis", "database", "close"),
    ("rabbitmq", "database", "close"),
]


@pytest.mark.parametrize(("broker", "service", "how"), OUTAGES)
def test_an_outage_loses_nothing_and_is_no_500(
    deployment: Deployment,
    shared_album: SharedAlbum,
    make_picture: MakePicture,
    broker: str,
    service: str,
    how: str,
) -> None:
    answers = Answers()
    proxy = getattr(deployment, service)
    outage = threading.Thread(target=make_outage, args=(proxy, how, shared_album))
    outage.start()
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda number: upload_until_accepted(shared_album, make_picture, number, answers), range(PICTURES)
            )
        )
    outage.join()
    answers.retry_until_ok(
        lambda: post(
            shared_album.people[0], shared_album.stack.url, f"/albums/{shared_album.album_id}/done_uploading"
        )
    )
    wait_until(shared_album.is_done, seconds=120, what="finishing after the outage")
    time.sleep(2)  # what is delivered twice comes late
    shared_album.assert_done_once()
    assert set(answers.statuses) <= {200, 503}, answers
    assert (answers.statuses[503] == 0) == (service == "broker"), answers
    assert answers.longest < LONGEST_ANSWER


def make_outage(proxy: TcpProxy, how: str, shared_album: SharedAlbum) -> None:
    wait_until(lambda: len(shared_album.shown) >= BEFORE, what="the first uploads")
    (proxy.close if how == "close" else proxy.stall)()
    time.sleep(OUTAGE_SECONDS[how])
    proxy.open()


def test_a_server_without_its_database_is_well_again_without_a_restart(
    deployment: Deployment, shared_album: SharedAlbum
) -> None:
    me = shared_album.people[0]

    def ask() -> requests.Response:
        return requests.get(
            f"{shared_album.stack.url}/me", headers={"Authorization": f"Bearer {me.token}"}, timeout=LONGEST_ANSWER
        )

    assert ask().status_code == 200
    with present(deployment.database).closed():
        answer = ask()
        assert answer.status_code == 503
        assert answer.json()["msg"]
        assert "Retry-After" in answer.headers
    assert ask().status_code == 200
