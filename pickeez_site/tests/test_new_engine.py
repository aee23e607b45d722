"""A library of another engine is looked through again while people use the server, and the command is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pickeez_site.operations.demo.client import Client
from pickeez_site.tests.stack import ROOT, Stack
from pickeez_site.tests.test_main_job import album, assert_everybody_is_found, people, pictures, upload_all

__all__ = ["album", "people"]  # fixtures

pytestmark = [pytest.mark.chaos, pytest.mark.real_engine, pytest.mark.timeout(400)]

NAMED = "from faces.models import Person\nfor n, p in enumerate(Person.objects.all()): p.name = n; p.save()"
FACES_OF_PEOPLE = """
    SELECT person.name, face.original_id FROM faces_faceassignment AS assignment
    JOIN faces_person AS person ON person.id = assignment.person_id
    JOIN faces_face AS face ON face.id = assignment.face_id
"""


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    settings = {"FACE_MODEL": "Dlib", "FACE_DETECTOR": "dlib", "ALBUM_QUIET_SECONDS": "5"}
    stack = Stack(tmp_path, SMS_TO_PHONE_PER_HOUR="100", **settings)
    stack.migrate()
    try:
        stack.start("web", "worker", "scheduler")
        yield stack
        print(stack.logs())  # noqa: T201 - shown when the test fails
    finally:
        stack.stop()


def searched(stack: Stack) -> int:
    return int(stack.rows("SELECT count(*) FROM faces_facesearch WHERE engine LIKE 'centerface%'")[0][0])


def test_everybody_stays_on_their_photos_and_people_keep_their_names(
    stack: Stack, people: dict[str, Client], album: str, shared_photos: Path
) -> None:
    files = pictures(shared_photos)
    names = upload_all(people, album, files)
    people["obama"].wait_until_done(album)
    time.sleep(5)  # the last faces are assigned to people
    stack.manage("shell", "-c", NAMED)
    before = set(stack.rows(FACES_OF_PEOPLE))
    for name in ("web", "worker", "scheduler"):
        stack.kill(name)
    stack.environment.update(FACE_MODEL="MobileFaceNet", FACE_DETECTOR="centerface")
    stack.start("web", "worker", "scheduler")

    command = [sys.executable, "manage.py", "look_again", "--missing"]
    with subprocess.Popen(command, cwd=ROOT, env=stack.environment, stderr=subprocess.DEVNULL) as run:
        while searched(stack) < 6:
            time.sleep(0.05)
        os.kill(run.pid, signal.SIGKILL)
    for _ in range(5):  # meanwhile the album is processed with photos of both engines
        assert_everybody_is_found(people, album, names, files)
        time.sleep(2)
    assert searched(stack) < len(files) - 1

    stack.manage("look_again", "--missing")
    assert searched(stack) == len(files) - 1  # without the corrupt one
    for _ in range(10):
        assert_everybody_is_found(people, album, names, files)
        time.sleep(1)
    assert before <= set(stack.rows(FACES_OF_PEOPLE))
    assert {status for (status,) in stack.rows("SELECT status FROM faces_selfie")} == {"taken"}
