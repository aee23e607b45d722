"""An album of four people, with pictures of them that the fake engine can read."""

import io
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from core.tests.answers import Json
from pickeez_site.operations.demo.client import Client
from pickeez_site.tests.stack import Stack

PICTURES = 100
WAIT_SECONDS = 120  # beside other tests on two cores
# The people on a picture, by its number: nobody, one, two or all of the four.
GROUPS = [(), (0,), (1,), (2,), (3,), (0, 1), (2, 3), (0, 1, 2, 3)]
FAKE_ENGINE = {"FACE_ENGINE": "faces.tests.fake_engine.FakeEngine", "SMS_TO_PHONE_PER_HOUR": "100"}
Draw = Callable[..., io.BytesIO]


def wait_until(
    happened: Callable[[], bool], *, seconds: float = WAIT_SECONDS, what: str, every: float = 0.05
) -> float:
    """Waits until `happened()` and returns the seconds that it took. Raises `TimeoutError`."""
    started = time.monotonic()
    while not happened():
        if time.monotonic() - started > seconds:
            raise TimeoutError(f"{what} did not happen within {seconds} s")
        time.sleep(every)
    return time.monotonic() - started


@dataclass
class SharedAlbum:
    """An album of the first of `people`. `shown` maps the id of each photo to the people on it."""

    stack: Stack
    people: list[Client]
    album_id: str
    shown: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def upload(self, draw: Draw, numbers: Iterable[int] = range(PICTURES), *, clients: int = 4) -> None:
        """Uploads the pictures with these numbers, by several clients at once."""
        with ThreadPoolExecutor(clients) as pool:
            self.shown.update(pool.map(lambda number: self.upload_one(draw, number), numbers))

    def upload_one(self, draw: Draw, number: int) -> tuple[str, tuple[int, ...]]:
        group = GROUPS[number % len(GROUPS)]
        content = draw(*group, seed=number).read()
        uploader = self.people[number % len(self.people)]
        photo = uploader.upload("/photos/", f"{number}.png", content, album_id=self.album_id)
        return photo["_id"], group

    def finish_uploading(self) -> None:
        self.people[0].call("POST", f"/albums/{self.album_id}/done_uploading")

    def get_album(self, person: int = 0) -> dict[str, Json]:
        return self.people[person].call("GET", f"/albums/{self.album_id}")

    def photos_ready(self) -> int:
        return self.stack.rows("SELECT count(*) FROM photos_original WHERE status = 'ready'")[0][0]

    def is_done(self) -> bool:
        return self.get_album()["processing"]["state"] == "done"

    def assert_done_once(self) -> None:
        """Every photo and the album were processed exactly once."""
        self.assert_photos_done_once()
        assert self.stack.rows("SELECT count(*) FROM albums_filtering") == [(1,)], "the album was processed once"

    def assert_photos_done_once(self) -> None:
        """Every photo is ready, and each of its faces, renditions and sightings is there exactly once."""
        progress = self.get_album()["processing"]
        photos = len(self.shown)
        assert progress == {"state": "done", "photos_total": photos, "photos_done": photos, "photos_failed": 0}
        for person in range(len(self.people)):
            found = {photo["_id"] for photo in photos_of(self.get_album(person)) if photo["computed"]}
            assert found == {photo for photo, group in self.shown.items() if person in group}
        faces = sum(len(group) for group in self.shown.values())
        assert self.stack.rows("SELECT count(*) FROM faces_face") == [(faces,)]
        assert self.stack.rows("SELECT count(*) FROM faces_sighting") == [(faces,)]
        wait_until(lambda: self._assigned() >= faces, seconds=45, what="giving faces to people")
        assert self._assigned() == faces
        assert self.stack.rows("SELECT count(*) FROM photos_rendition") == [(6 * photos,)]
        assert self.stack.rows("SELECT count(*) FROM photos_original") == [(photos,)]

    def _assigned(self) -> int:
        return self.stack.rows("SELECT count(*) FROM faces_faceassignment")[0][0]


def photos_of(album: dict[str, Json]) -> list[dict[str, Json]]:
    return [photo for user in album["users"] for photo in user["photos"]]


def create_shared_album(stack: Stack, draw: Draw) -> SharedAlbum:
    """The four people, each known by a selfie, and their empty album; it needs the web process and a worker."""
    people = [Client(stack.url) for _ in range(4)]
    for number, client in enumerate(people):
        client.sign_in(f"120255502{number:02}", stack.data_dir / "outbox/sms")
        assert client.upload_selfie("selfie.png", draw(number, seed=1000 + number).read())
    album = people[0].call("POST", "/albums/create", data={"name": "Party"})["_id"]
    phones = [client.call("GET", "/me")["verified_phone"] for client in people]
    people[0].call("POST", f"/albums/{album}/invite_phones", json={"phones": phones[1:]})
    # Invitations queue the album: left in the queue, it would be processed with the first photos, and once more.
    left_queue = "SELECT count(*) FROM albums_pendingalbum"
    wait_until(lambda: stack.rows(left_queue) == [(0,)], what="processing of the empty album")
    return SharedAlbum(stack, people, album)
