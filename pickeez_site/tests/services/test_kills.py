"""Killed processes lose no work."""

import os
import random
import signal
import time

import pytest

from conftest import MakePicture
from faces.tests.fake_engine import POISON
from pickeez_site.tests.services.deployments import BROKERS
from pickeez_site.tests.services.shared_album import PICTURES, SharedAlbum, photos_of, wait_until
from pickeez_site.tests.stack import Stack

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
def test_what_a_killed_worker_had_in_its_hands_is_done_once(
    shared_album: SharedAlbum, stack: Stack, make_picture: MakePicture, broker: str, victim: str, moment: str
) -> None:
    stack.kill("worker")
    shared_album.upload(make_picture)
    shared_album.finish_uploading()
    photos = random.Random(f"{broker} {victim} {moment}").randrange(1, PICTURES - 10)
    stack.start("worker")
    wait_until(lambda: shared_album.photos_ready() >= photos, what=f"processing of {photos} photos")
    if victim == "main":
        stack.kill("worker")
        stack.start("worker")
    else:
        os.kill(random.choice(stack.children("worker")), signal.SIGKILL)
    wait_until(shared_album.is_done, what="finishing after the restart")
    time.sleep(2)  # what is delivered twice comes late
    shared_album.assert_done_once()


IDLE = [pytest.param(broker, marks=[pytest.mark.services] * (broker == "embedded")) for broker in BROKERS]


@pytest.mark.chaos
@pytest.mark.timeout(300)
@pytest.mark.parametrize("broker", IDLE)
def test_idle_processes_that_are_killed_take_no_lock_with_them(
    shared_album: SharedAlbum, stack: Stack, make_picture: MakePicture, broker: str
) -> None:
    for _ in range(3):
        for child in stack.children("worker"):
            os.kill(child, signal.SIGKILL)
            time.sleep(1)
    shared_album.upload(make_picture, range(24))
    shared_album.finish_uploading()
    wait_until(shared_album.is_done, what="processing by those that took their places")
    shared_album.assert_done_once()


@pytest.mark.chaos
@pytest.mark.timeout(300)
@pytest.mark.parametrize("broker", BROKERS)
def test_a_photo_that_kills_its_worker_is_given_up_and_holds_up_nobody(
    shared_album: SharedAlbum, stack: Stack, make_picture: MakePicture, broker: str
) -> None:
    shared_album.upload(make_picture, range(10))
    poison = shared_album.people[0].upload(
        "/photos/", "a.png", make_picture(size=POISON).read(), album_id=shared_album.album_id
    )
    shared_album.upload(make_picture, range(10, 20))
    shared_album.finish_uploading()
    wait_until(
        lambda: shared_album.photos_ready() == len(shared_album.shown),
        seconds=120,
        what="processing of the other photos",
    )
    wait_until(shared_album.is_done, seconds=150, what="giving the photo up")
    photos = {photo["_id"]: photo for photo in photos_of(shared_album.get_album())}
    given_up = photos.pop(poison["_id"])
    assert given_up["status"] == "failed"
    assert "3 tries" in given_up["error"]
    assert {photo["status"] for photo in photos.values()} == {"ready"}
    assert stack.rows("SELECT tries FROM photos_original WHERE status = 'failed'") == [(3,)]
