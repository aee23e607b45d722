"""Stopping a command that runs in its own process."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pickeez_site.tests.stack import ROOT, Stack

pytestmark = pytest.mark.stack

ALBUMS = 12
MAKE_ALBUMS = f"""
from django.core.files.uploadedfile import SimpleUploadedFile
from accounts.models import User
from albums.services import create_album
from conftest import picture
from photos.services import PhotoFacts, store_photo
user = User.objects.create_user(name="Owner")
for seed in range({ALBUMS}):
    file = SimpleUploadedFile("a.png", picture(0, seed=seed).getvalue())
    store_photo(user=user, album=create_album(owner=user), file=file, facts=PhotoFacts())
"""


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """A server with albums in the queue, without a worker."""
    stack = Stack(tmp_path, FACE_ENGINE="faces.tests.fake_engine.FakeEngine", ALBUM_PROCESSOR="external")
    stack.migrate()
    stack.manage("shell", "--command", MAKE_ALBUMS)
    return stack


def count(stack: Stack, table: str, condition: str = "1") -> int:
    connection = sqlite3.connect(stack.data_dir / "pickeez.sqlite3")
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchone()[0])
    finally:
        connection.close()


@pytest.fixture
def running_command(stack: Stack) -> Iterator[subprocess.Popen]:
    """The running command, after its first album."""
    command = [sys.executable, "manage.py", "process_albums", "--all"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=stack.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not count(stack, "albums_filtering") and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.01)
    yield process
    if process.poll() is None:
        process.kill()
        process.communicate()


def test_a_stopped_command_leaves_nothing_half_done_and_goes_on_when_run_again(
    stack: Stack, running_command: subprocess.Popen
) -> None:
    running_command.send_signal(signal.SIGINT)
    _, said = running_command.communicate(timeout=60)
    assert (running_command.returncode, "Stopped: Finished items are saved" in said) == (130, True), said
    done = count(stack, "albums_filtering")
    assert 0 < done < ALBUMS
    assert count(stack, "albums_pendingalbum", "claim IS NULL") == ALBUMS - done
    assert count(stack, "photos_original", "status = 'ready'") == done
    assert count(stack, "photos_original", "claim IS NULL") == ALBUMS

    assert stack.manage("process_albums", "--all") == f"{ALBUMS - done} of {ALBUMS - done} albums processed.\n"
    assert count(stack, "albums_filtering") == ALBUMS
    assert count(stack, "faces_face") == ALBUMS
    assert count(stack, "albums_pendingalbum") == 0
