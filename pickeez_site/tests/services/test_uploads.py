"""Uploads while the web process is killed, and many uploads at the same time."""

import json
import random
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import requests

from conftest import MakePicture
from core.tests.presence import present
from pickeez_site.tests.services.clients import Answers, post, upload_until_accepted
from pickeez_site.tests.services.deployments import Deployment
from pickeez_site.tests.services.shared_album import SharedAlbum, wait_until
from pickeez_site.tests.stack import Stack

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

UPLOADS, KILLS = 200, 3
WRITERS, WRITES = 20, 25
# Does the work of the hourly sweep, then prints all files and the keys in the database.
SWEEP_AND_LIST = """
import json
from django.core.files.storage import default_storage as files
from django.utils import timezone
from photos.models import FileToRemove, Original, Photo, Rendition
from photos.services import remove_dropped_files

def below(folder):
    folders, names = files.listdir(folder)
    return [f"{folder}/{name}" for name in names] + [key for name in folders for key in below(f"{folder}/{name}")]

FileToRemove.objects.update(after=timezone.now())
remove_dropped_files()
print(json.dumps({
    "originals": sorted(Original.objects.values_list("key", flat=True)),
    "renditions": sorted(Rendition.objects.values_list("key", flat=True)),
    "files": sorted(below("originals") + below("renditions")),
    "photos": Photo.objects.count(),
}))
"""


@pytest.mark.parametrize("broker", ["embedded", "redis"])
def test_a_web_process_killed_among_uploads_leaves_no_photo_and_no_file_alone(
    shared_album: SharedAlbum, stack: Stack, make_picture: MakePicture, broker: str
) -> None:
    answers = Answers()
    killer = threading.Thread(target=kill_web_now_and_then, args=(shared_album, stack))
    killer.start()
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda number: upload_until_accepted(shared_album, make_picture, number, answers), range(UPLOADS)
            )
        )
    killer.join()
    shared_album.finish_uploading()
    wait_until(shared_album.is_done, seconds=120, what="finishing")
    shared_album.assert_done_once()
    listed = json.loads(stack.manage("shell", "-c", SWEEP_AND_LIST).splitlines()[-1])
    assert listed["photos"] == UPLOADS
    assert sorted(listed["originals"] + listed["renditions"]) == listed["files"]
    assert set(answers.statuses) <= {0, 200, 503}, answers
    assert answers.statuses[0] > 0, "nothing was in the killed process's hands"


def kill_web_now_and_then(shared_album: SharedAlbum, stack: Stack) -> None:
    for photos in sorted(random.sample(range(10, UPLOADS - 30), KILLS)):
        wait_until(partial(has_uploaded, shared_album, photos), what=f"{photos} uploads")
        stack.kill("web")
        stack.start("web")


def has_uploaded(shared_album: SharedAlbum, photos: int) -> bool:
    return len(shared_album.shown) >= photos


@pytest.mark.parametrize("broker", ["embedded"])
def test_twenty_writers_at_once_never_hear_of_a_locked_database(
    shared_album: SharedAlbum, stack: Stack, make_picture: MakePicture, broker: str
) -> None:
    answers = Answers()

    def write(writer: int) -> None:
        person = shared_album.people[writer % len(shared_album.people)]
        for turn in range(WRITES):
            answer = answers.send(lambda: post(person, stack.url, "/albums/create", data={"name": "x"}))
            album = present(answer).json()["_id"]
            picture = {"file": ("a.png", make_picture(writer % 4, seed=writer * WRITES + turn).read())}
            answers.send(lambda: post(person, stack.url, "/photos/", data={"album_id": album}, files=picture))  # noqa: B023
            answers.send(lambda: post(person, stack.url, f"/albums/{album}/viewed"))  # noqa: B023

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    assert answers.statuses == {200: 3 * WRITERS * WRITES}, answers


@pytest.mark.services
@pytest.mark.parametrize("broker", ["redis", "rabbitmq"])
def test_the_depth_of_the_queues_is_listed(stack: Stack, deployment: Deployment, broker: str) -> None:
    stack.kill("worker")
    stack.kill("scheduler")
    stack.manage(
        "shell",
        "-c",
        "from core.tasks import sweep; from faces.tasks import recluster_faces; sweep.delay(); recluster_faces.delay()",
    )
    waiting = queue_depths(stack)
    assert waiting["quick"] >= 1
    assert waiting["bulk"] >= 1
    assert waiting["pictures"] == 0


def queue_depths(stack: Stack) -> dict[str, float]:
    text = requests.get(f"{stack.url}/metrics", timeout=10).text
    found = re.findall(r'^pickeez_queue_messages\{queue="(?:.*-)?(\w+)"\} (\S+)', text, re.MULTILINE)
    return {queue: float(number) for queue, number in found}
