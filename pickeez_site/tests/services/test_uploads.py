"""Uploads and the process that takes them: when it is killed, and when many come at once."""

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
from pickeez_site.tests.services.clients import Answers, post, upload_stubbornly
from pickeez_site.tests.services.party import Party, until
from pickeez_site.tests.services.places import Place
from pickeez_site.tests.stack import Stack

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

UPLOADS, KILLS = 200, 3
WRITERS, WRITES = 20, 25
# What the hourly sweep would do in an hour; then all files, and the keys that rows need.
SWEEP_AND_TELL = """
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
    party: Party, stack: Stack, make_picture: MakePicture, broker: str
) -> None:
    answers = Answers()
    killer = threading.Thread(target=kill_web_now_and_then, args=(party, stack))
    killer.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: upload_stubbornly(party, make_picture, number, answers), range(UPLOADS)))
    killer.join()
    party.say_done()
    until(party.is_done, seconds=120, what="finishing")
    party.assert_done_once()
    told = json.loads(stack.manage("shell", "-c", SWEEP_AND_TELL).splitlines()[-1])
    assert told["photos"] == UPLOADS
    assert sorted(told["originals"] + told["renditions"]) == told["files"]
    assert set(answers.statuses) <= {0, 200, 503}, answers
    assert answers.statuses[0] > 0, "nothing was in the killed process's hands"


def kill_web_now_and_then(party: Party, stack: Stack) -> None:
    for photos in sorted(random.sample(range(10, UPLOADS - 30), KILLS)):
        until(partial(has_uploaded, party, photos), what=f"{photos} uploads")
        stack.kill("web")
        stack.start("web")


def has_uploaded(party: Party, photos: int) -> bool:
    return len(party.shown) >= photos


@pytest.mark.parametrize("broker", ["embedded"])
def test_twenty_writers_at_once_never_hear_of_a_locked_database(
    party: Party, stack: Stack, make_picture: MakePicture, broker: str
) -> None:
    answers = Answers()

    def write(writer: int) -> None:
        person = party.people[writer % len(party.people)]
        for turn in range(WRITES):
            answer = answers.ask(lambda: post(person, stack.url, "/albums/create", data={"name": "x"}))
            album = present(answer).json()["_id"]
            picture = {"file": ("a.png", make_picture(writer % 4, seed=writer * WRITES + turn).read())}
            answers.ask(lambda: post(person, stack.url, "/photos/", data={"album_id": album}, files=picture))  # noqa: B023
            answers.ask(lambda: post(person, stack.url, f"/albums/{album}/viewed"))  # noqa: B023

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    assert answers.statuses == {200: 3 * WRITERS * WRITES}, answers


@pytest.mark.services
@pytest.mark.parametrize("broker", ["redis", "rabbitmq"])
def test_the_depth_of_the_queues_is_told(stack: Stack, here: Place, broker: str) -> None:
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
