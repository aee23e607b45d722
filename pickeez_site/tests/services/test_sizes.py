"""More workers are quicker, and large albums take no more memory than small ones."""

from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from conftest import MakePicture
from pickeez_site.operations.demo.client import Client
from pickeez_site.operations.demo.pictures import BROKEN, album_pictures
from pickeez_site.tests.services.party import PICTURES, Party, until
from pickeez_site.tests.services.places import Place
from pickeez_site.tests.stack import Stack

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(1800)]

ALBUM, STEP = 3000, 250
# An album's list grows with the album; what is held between requests must not.
GROWTH = 1.15
MIB = 2**20


def real_pictures(number: int) -> list[bytes]:
    """That many different files of real faces: what follows the end of a JPEG is not looked at."""
    pictures = [content for name, content in album_pictures() if name != BROKEN]
    return [pictures[n % len(pictures)] + str(n).encode() for n in range(number)]


@pytest.mark.parametrize("broker", ["redis"])
def test_two_workers_finish_an_album_in_at_most_six_tenths_of_the_time_of_one(here: Place, tmp_path: Path) -> None:
    settings = {name: value for name, value in here.settings.items() if not name.startswith("AWS_")}
    stack = Stack(tmp_path, 1, SMS_TO_PHONE_PER_HOUR="100", **settings)
    stack.manage("migrate", "--verbosity", "0")
    try:
        stack.start("web", "scheduler", "worker-1")
        client = Client(stack.url)
        client.sign_in("12025550200", tmp_path / "outbox/sms")
        warm_up(client, stack)
        one = seconds_for_an_album(client, stack, here, 0)
        stack.start("worker-2")
        warm_up(client, stack)
        two = seconds_for_an_album(client, stack, here, 1)
    finally:
        stack.stop()
    print(f"one worker {one:.1f} s, two {two:.1f} s, ratio {two / one:.2f}")  # noqa: T201
    assert two / one <= 0.6


def warm_up(client: Client, stack: Stack) -> None:
    """Every worker has its models in memory."""
    album = client.call("POST", "/albums/create", data={"name": "Warm-up"})["_id"]
    for n, content in enumerate(real_pictures(12)):
        client.upload("/photos/", "a.jpg", content + album.encode() + bytes([n]), album_id=album)
    client.call("POST", f"/albums/{album}/done_uploading")
    client.wait_until_done(album)


def is_processed(stack: Stack, album: str) -> bool:
    """Asked of the database: pages for the waiting would take processor time from the workers."""
    return not stack.rows(f"SELECT 1 FROM albums_pendingalbum WHERE album_id = '{album}'")


def seconds_for_an_album(client: Client, stack: Stack, here: Any, turn: int) -> float:
    """From the first photo that is begun to the last that is done; all are uploaded before."""
    album = client.call("POST", "/albums/create", data={"name": "Album"})["_id"]
    with here.broker.shut_for_a_while():
        for content in real_pictures(PICTURES):
            client.upload("/photos/", "a.jpg", content + bytes([turn]), album_id=album)
    client.call("POST", f"/albums/{album}/done_uploading")
    until(lambda: is_processed(stack, album), seconds=150, what="processing", every=1)
    times = (
        "SELECT extract(epoch FROM max(o.processed_at) - min(o.prepared_at)) "
        "FROM photos_original o JOIN photos_photo p ON p.original_id = o.id WHERE p.album_id = '{}'"
    )
    return float(stack.rows(times.format(album))[0][0])


def _are_ready(party: Party, photos: int) -> bool:
    return party.photos_ready() >= photos


@pytest.mark.parametrize("broker", ["embedded", "redis"])
def test_over_an_album_of_three_thousand_photos_memory_stays_flat(
    party: Party, stack: Stack, make_picture: MakePicture, broker: str
) -> None:
    memory: dict[str, list[float]] = {"web": [], "worker": []}
    for start in range(0, ALBUM, STEP):
        party.upload(make_picture, range(start, start + STEP), clients=4)
        until(partial(_are_ready, party, start + STEP), seconds=300, what="processing")
        party.seen()
        for name, sizes in memory.items():
            sizes.append(resident(stack, name))
    print({name: [round(size) for size in sizes] for name, sizes in memory.items()})  # noqa: T201
    for name, sizes in memory.items():
        settled, last = sizes[len(sizes) // 3], sizes[-1]
        assert last <= GROWTH * settled, f"{name}: {sizes} MiB"
    party.say_done()
    until(party.is_done, seconds=120, what="finishing")
    party.assert_photos_done_once()  # the album is quiet for a minute now and then, and is processed each time


def resident(stack: Stack, name: str) -> float:
    """MiB that the process and its children hold, counting what they share once for each."""
    main = psutil.Process(stack.pid(name))
    return sum(process.memory_info().rss for process in [main, *main.children(recursive=True)]) / MIB
