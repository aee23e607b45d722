"""The main job with real processes, the real engine and real faces."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from conftest import MakePicture
from core.tests.answers import Json
from faces.tests.development_photos import SELFIES, TOGETHER
from pickeez_site.operations.demo.client import Client
from pickeez_site.tests.services.deployments import deploy
from pickeez_site.tests.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.real_engine]

CORRUPT = "corrupt.jpg"


@pytest.fixture
def broker() -> str:
    """The embedded broker, unless a test is parametrized."""
    return "embedded"


@pytest.fixture
def stack(tmp_path: Path, broker: str) -> Iterator[Stack]:
    with deploy(broker) as deployment:
        stack = Stack(tmp_path, SMS_TO_PHONE_PER_HOUR="100", **deployment.settings)
        stack.migrate()
        try:
            stack.start("web", "worker", "scheduler")
            yield stack
            print(stack.logs())  # noqa: T201 - shown when the test fails
        finally:
            stack.stop()


@pytest.fixture
def people(stack: Stack, shared_photos: Path) -> dict[str, Client]:
    """Five users, each with one selfie and a device for pushes."""
    people = {}
    for number, (name, selfie) in enumerate(SELFIES.items()):
        client = people[name] = Client(stack.url)
        client.sign_in(f"120255501{number:02}", stack.data_dir / "outbox/sms")
        client.call("POST", "/set_fields", data={"field": "push_notif_token", "val": f"device-{number}"})
        assert client.upload_selfie("selfie.jpg", (shared_photos / selfie).read_bytes())
    return people


@pytest.fixture
def album(people: dict[str, Client]) -> str:
    """An album that all five have joined."""
    owner = people["obama"]
    album_id = owner.call("POST", "/albums/create", data={"name": "Reunion"})["_id"]
    phones = [client.call("GET", "/me")["verified_phone"] for client in people.values()]
    owner.call("POST", f"/albums/{album_id}/invite_phones", json={"phones": phones[1:]})
    return album_id


def pictures(shared_photos: Path) -> dict[str, bytes]:
    """All pictures except the selfies, and one truncated file."""
    files = {str(path.relative_to(shared_photos)): path for path in sorted(shared_photos.glob("*/*.*"))}
    found = {name: path.read_bytes() for name, path in files.items() if name not in SELFIES.values()}
    return {**found, CORRUPT: found["obama/obama2.jpg"][:400]}


def upload_all(people: dict[str, Client], album: str, files: dict[str, bytes]) -> dict[str, str]:
    """{photo id: file name}, uploaded by everybody in turn; everybody says that they are done."""
    clients = list(people.values())
    names = {}
    for number, (name, content) in enumerate(files.items()):
        photo = clients[number % len(clients)].upload("/photos/", Path(name).name, content, album_id=album)
        names[photo["_id"]] = name
    for client in [*clients, clients[0]]:
        client.call("POST", f"/albums/{album}/done_uploading")
    return names


def photos_in(album: dict[str, Json]) -> list[dict[str, Json]]:
    return [photo for user in album["users"] for photo in user["photos"]]


def expected(name: str, files: dict[str, bytes]) -> set[str]:
    alone = {file for file in files if file.startswith(f"{name}/")}
    return alone | {file for file, shown in TOGETHER.items() if name in shown}


def users_notified(stack: Stack) -> set[str]:
    """The ids of users who got a push about photos that show them."""
    outbox = [json.loads(path.read_text()) for path in (stack.data_dir / "outbox/push").glob("*.json")]
    return {push["to"] for push in outbox if push["data"]["type"] == "best_pictures"}


def assert_nothing_doubled(stack: Stack) -> None:
    doubled = "SELECT 1 FROM {} GROUP BY {} HAVING count(*) > 1"
    assert stack.rows(doubled.format("faces_sighting", "photo_id, user_id")) == []
    assert stack.rows(doubled.format("faces_face", "original_id, x, y")) == []
    ready = stack.rows("SELECT id FROM photos_original WHERE status = 'ready'")
    renditions = stack.rows("SELECT original_id FROM photos_rendition GROUP BY original_id HAVING count(*) = 6")
    assert sorted(ready) == sorted(renditions)


def assert_everybody_is_found(
    people: dict[str, Client], album: str, names: dict[str, str], files: dict[str, Json]
) -> None:
    for name, client in people.items():
        seen = photos_in(client.call("GET", f"/albums/{album}"))
        assert {names[photo["_id"]] for photo in seen if photo["computed"]} == expected(name, files), name


@pytest.mark.parametrize(
    "broker", ["embedded", *(pytest.param(broker, marks=pytest.mark.services) for broker in ("redis", "rabbitmq"))]
)
def test_everybody_finds_the_photos_that_show_them(
    stack: Stack, people: dict[str, Client], album: str, shared_photos: Path
) -> None:
    files = pictures(shared_photos)
    names = upload_all(people, album, files)
    done = people["obama"].wait_until_done(album)

    assert_everybody_is_found(people, album, names, files)
    failed = [photo for photo in photos_in(done) if photo["status"] == "failed"]
    assert [names[photo["_id"]] for photo in failed] == [CORRUPT]
    assert failed[0]["error"]
    progress = done["processing"]
    assert (progress["photos_total"], progress["photos_failed"]) == (len(files), 1)
    assert progress["photos_done"] == len(files) - 1
    assert done["times_filtered"]
    assert stack.rows("SELECT DISTINCT tries FROM photos_original") == [(1,)]
    assert_nothing_doubled(stack)

    everybody = {client.id for client in people.values()}
    deadline = time.monotonic() + 20
    while users_notified(stack) != everybody and time.monotonic() < deadline:
        time.sleep(0.2)  # messages are sent by a task of their own
    assert users_notified(stack) == everybody


def test_a_killed_worker_leaves_nothing_undone_and_doubles_nothing(
    stack: Stack, people: dict[str, Client], album: str, shared_photos: Path
) -> None:
    files = pictures(shared_photos)
    half = len(files) // 2
    names = upload_all(people, album, dict(list(files.items())[:half]))
    stack.kill("worker")  # with some done, some in its hands, and some not begun
    names |= upload_all(people, album, dict(list(files.items())[half:]))
    stack.start("worker")
    started = time.monotonic()
    people["obama"].wait_until_done(album)
    assert time.monotonic() - started < 60
    assert_everybody_is_found(people, album, names, files)
    assert_nothing_doubled(stack)


def test_a_killed_web_process_loses_no_photo(
    stack: Stack, people: dict[str, Client], album: str, make_picture: MakePicture
) -> None:
    people["obama"].upload("/photos/", "one.png", make_picture(0).read(), album_id=album)
    stack.kill("web")
    stack.start("web")
    people["obama"].call("POST", f"/albums/{album}/done_uploading")
    photos = photos_in(people["obama"].wait_until_done(album))
    assert [photo["status"] for photo in photos] == ["ready"]


def test_the_demo_plays(stack: Stack) -> None:
    said = stack.manage("play_demo", "--url", stack.url)
    assert "13 done, 1 failed" in said
    assert said.count("is on 7 photos") == 2
    link = next(line.split()[-1] for line in said.splitlines() if "Look here" in line)
    assert link.startswith(f"{stack.url}/gallery/sign-in/link/")
    page = requests.get(link, timeout=10)
    assert (page.status_code, "signs you in as <strong>Eileen</strong>" in page.text) == (200, True)
    assert stack.manage("play_demo", "--url", stack.url) == "", "it plays only on an empty database"
