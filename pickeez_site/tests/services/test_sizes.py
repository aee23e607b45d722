"""Speed with more workers, and memory with large albums."""

from functools import partial
from pathlib import Path

import psutil
import pytest

from conftest import MakePicture
from core.tests.presence import present
from pickeez_site.operations.demo.client import Client
from pickeez_site.operations.demo.pictures import BROKEN, album_pictures
from pickeez_site.tests.services.deployments import Deployment
from pickeez_site.tests.services.shared_album import PICTURES, SharedAlbum, wait_until
from pickeez_site.tests.stack import Stack

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(1800)]

ALBUM, STEP = 3000, 250
# An album's answer grows with the album. The memory between requests must not.
GROWTH = 1.15
MIB = 2**20


def real_pictures(number: int) -> list[bytes]:
    """Different files of real faces; they differ after the end of the JPEG, which no decoder reads."""
    pictures = [content for name, content in album_pictures() if name != BROKEN]
    return [pictures[n % len(pictures)] + str(n).encode() for n in range(number)]


@pytest.mark.parametrize("broker", ["redis"])
def test_two_workers_finish_an_album_in_at_most_six_tenths_of_the_time_of_one(
    deployment: Deployment, tmp_path: Path
) -> None:
    settings = {name: value for name, value in deployment.settings.items() if not name.startswith("AWS_")}
    stack = Stack(tmp_path, 1, SMS_TO_PHONE_PER_HOUR="100", **settings)
    stack.migrate()
    try:
        stack.start("web", "scheduler", "worker-1")
        client = Client(stack.url)
        client.sign_in("12025550200", tmp_path / "outbox/sms")
        warm_up(client, stack)
        one = seconds_for_an_album(client, stack, deployment, 0)
        stack.start("worker-2")
        warm_up(client, stack)
        two = seconds_for_an_album(client, stack, deployment, 1)
    finally:
        stack.stop()
    print(f"one worker {one:.1f} s, two {two:.1f} s, ratio {two / one:.2f}")  # noqa: T201
    assert two / one <= 0.6


def warm_up(client: Client, stack: Stack) -> None:
    """Makes every worker load its models."""
    album = client.call("POST", "/albums/create", data={"name": "Warm-up"})["_id"]
    for n, content in enumerate(real_pictures(12)):
        client.upload("/photos/", "a.jpg", content + album.encode() + bytes([n]), album_id=album)
    client.call("POST", f"/albums/{album}/done_uploading")
    client.wait_until_done(album)


def is_processed(stack: Stack, album: str) -> bool:
    """Asks the database, because requests would take processor time from the workers."""
    return not stack.rows(f"SELECT 1 FROM albums_pendingalbum WHERE album_id = '{album}'")


def seconds_for_an_album(client: Client, stack: Stack, deployment: Deployment, turn: int) -> float:
    """From the first photo that is begun to the last that is done; all are uploaded before."""
    album = client.call("POST", "/albums/create", data={"name": "Album"})["_id"]
    with present(deployment.broker).closed():
        for content in real_pictures(PICTURES):
            client.upload("/photos/", "a.jpg", content + bytes([turn]), album_id=album)
    client.call("POST", f"/albums/{album}/done_uploading")
    wait_until(lambda: is_processed(stack, album), seconds=150, what="processing", every=1)
    times = (
        "SELECT extract(epoch FROM max(o.processed_at) - min(o.prepared_at)) "
        "FROM photos_original o JOIN photos_photo p ON p.original_id = o.id WHERE p.album_id = '{}'"
    )
    return float(stack.rows(times.format(album))[0][0])


def _are_ready(shared_album: SharedAlbum, photos: int) -> bool:
    return shared_album.photos_ready() >= photos


@pytest.mark.parametrize("broker", ["embedded", "redis"])
def test_over_an_album_of_three_thousand_photos_memory_stays_flat(
    shared_album: SharedAlbum, stack: Stack, make_picture: MakePicture, broker: str
) -> None:
    memory: dict[str, list[float]] = {"web": [], "worker": []}
    for start in range(0, ALBUM, STEP):
        shared_album.upload(make_picture, range(start, start + STEP), clients=4)
        wait_until(partial(_are_ready, shared_album, start + STEP), seconds=300, what="processing")
        shared_album.get_album()
        for name, sizes in memory.items():
            sizes.append(memory_mib(stack, name))
    print({name: [round(size) for size in sizes] for name, sizes in memory.items()})  # noqa: T201
    for name, sizes in memory.items():
        settled, last = sizes[len(sizes) // 3], sizes[-1]
        assert last <= GROWTH * settled, f"{name}: {sizes} MiB"
    shared_album.finish_uploading()
    wait_until(shared_album.is_done, seconds=120, what="finishing")
    shared_album.assert_photos_done_once()  # the album is quiet for a minute now and then, and is processed each time


def memory_mib(stack: Stack, name: str) -> float:
    """The memory of the process and its children in MiB; shared memory counts once for each of them."""
    main = psutil.Process(stack.pid(name))
    return sum(process.memory_info().rss for process in [main, *main.children(recursive=True)]) / MIB
