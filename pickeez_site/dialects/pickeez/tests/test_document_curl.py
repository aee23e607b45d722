"""The document's own curl lines, against a live server whose albums an outside algorithm processes."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.tests.answers import Json
from pickeez_site.operations.demo.client import Client
from pickeez_site.tests.stack import Stack

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed"),
]

PASSWORD = "the-algorithms-password"
QUIET_SECONDS = 2
LEASE_SECONDS = 6


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(
        tmp_path_factory.mktemp("external"),
        ALBUM_PROCESSOR="external",
        ALGO_PASSWORD=PASSWORD,
        ALBUM_QUIET_SECONDS=str(QUIET_SECONDS),
        ALGO_LEASE_SECONDS=str(LEASE_SECONDS),
    ).running("web") as stack:
        yield stack


@pytest.fixture(scope="module")
def user(server: Stack) -> Client:
    client = Client(server.url)
    client.sign_in("972522934321", server.data_dir / "outbox/sms")
    return client


@pytest.fixture
def photo(server: Stack, user: Client) -> tuple[str, str]:
    """(album id, photo id) of a new photo, registered by its path as the document does; no other album waits."""
    algorithm(server, "albums/algo/remove_pending")  # an earlier test's album becomes quiet at any moment
    album = user.call("POST", "/albums/create", data={"name": "donkey"})["_id"]
    added = user.call("POST", "/photos/", data={"album_id": album, "s3_path": f"uploads/{album}.jpg"})
    return album, added["_id"]


def curl(*arguments: str) -> dict[str, Json]:
    run = subprocess.run(["curl", "--silent", *arguments], capture_output=True, text=True, check=True, timeout=30)
    return json.loads(run.stdout)


def algorithm(server: Stack, path: str, *arguments: str) -> dict[str, Json]:
    joint = "&" if "?" in path else "?"
    return curl(*arguments, f"{server.url}/{path}{joint}password={PASSWORD}")


def test_set_faces_data(server: Stack, user: Client, photo: tuple[str, str]) -> None:
    body = (
        '{"rectangles": [{"x": 1, "y": 2, "width": 3, "height": 4}, {"x": 5.1, "y": 6, "width": 7, "height": 8} ],'
        ' "detected_faces_data": {"face": "yes", "eyes": "no"} }'
    )
    url = f"{server.url}/photos/{photo[1]}/set_faces_data?token={user.token}"
    answer = curl("-X", "POST", "-H", "Content-Type: application/json", "-d", body, url)
    assert answer["rectangles"] == json.loads(body)["rectangles"]
    assert answer["detected_data"] == {"face": "yes", "eyes": "no"}


def test_which_phones_registered(server: Stack, user: Client) -> None:
    query = f"phones[]=972522934321&phones[]=20&token={user.token}"
    answer = curl("-g", f"{server.url}/users/which_phones_registered?{query}")
    assert answer == {"972522934321": user.id, "20": None}


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ("field=send_push_notifs&val=false", "send_push_notifs", False),
        ("field=push_notif_token&val=123abc", "push_notif_token", "123abc"),
    ],
)
def test_set_fields(server: Stack, user: Client, fields: str, name: str, value: bool | str) -> None:
    assert curl("-d", f"{fields}&token={user.token}", f"{server.url}/set_fields") == {"msg": "ok"}
    assert curl(f"{server.url}/me?token={user.token}")[name] == value


def decide(server: Stack, photo_id: str, user_id: str) -> dict[str, Json]:
    body = json.dumps({"photos": {photo_id: {user_id: True}}})
    return algorithm(server, "photos/algo/set", "-X", "POST", "-H", "Content-Type: application/json", "-d", body)


def assert_decided(user: Client, album: str, photo_id: str) -> None:
    assert user.call("GET", f"/photos/{photo_id}")["computed_filters"] == [user.id]
    seen = user.call("GET", f"/albums/{album}")
    assert seen["ever_filtered"] is True
    assert seen["processing"]["state"] in ("done", "queued")  # the photo's own file never comes


def test_the_integration_example_with_waiting(server: Stack, user: Client, photo: tuple[str, str]) -> None:
    album, photo_id = photo
    user.call("POST", "/photos/", data={"album_id": album, "s3_path": f"uploads/{album}-2.jpg"})
    assert algorithm(server, "albums/algo/get_pending") == {"status": "empty", "msg": "empty"}
    waiting = algorithm(server, "albums/algo/all_pending")["pending_albums"]
    assert [row["album_id"] for row in waiting] == [album]
    time.sleep(QUIET_SECONDS + 0.5)
    taken = algorithm(server, "albums/algo/get_pending")
    assert taken["album_id"] == album
    assert photo_id in [row["_id"] for row in taken["photos"]]
    assert {"status", "error", "renditions"} <= set(taken["photos"][0])
    assert algorithm(server, "albums/algo/get_pending")["status"] == "empty"
    assert decide(server, photo_id, user.id)["msg"] == "ok, set"
    assert_decided(user, album, photo_id)


def test_the_integration_example_with_done_uploading(server: Stack, user: Client, photo: tuple[str, str]) -> None:
    album, photo_id = photo
    user.call("POST", f"/albums/{album}/done_uploading")
    taken = algorithm(server, "albums/algo/get_pending")
    assert (taken["status"], taken["album_id"]) == ("ok", album)
    decide(server, photo_id, user.id)
    assert_decided(user, album, photo_id)


def test_an_album_that_is_not_answered_is_handed_out_again_after_its_lease(
    server: Stack, user: Client, photo: tuple[str, str]
) -> None:
    album, photo_id = photo
    user.call("POST", f"/albums/{album}/done_uploading")
    first = datetime.fromisoformat(algorithm(server, "albums/algo/get_pending")["taken_until"])
    asked_again = algorithm(server, f"albums/algo/get_pending?forced_album_id={album}")
    until = datetime.fromisoformat(asked_again["taken_until"])
    assert until > first, "it was heard of"
    while (taken := algorithm(server, "albums/algo/get_pending"))["status"] == "empty":
        assert datetime.now(UTC) < until + timedelta(seconds=30)
        time.sleep(0.5)
    assert datetime.now(UTC) > until
    assert taken["album_id"] == album
    decide(server, photo_id, user.id)
    time.sleep(LEASE_SECONDS + 0.5)
    assert algorithm(server, "albums/algo/get_pending")["status"] == "empty"


def test_the_models_of_users(server: Stack, user: Client) -> None:
    def model() -> Json:
        return algorithm(server, f"users/algo/model/get?user_id={user.id}")["model"]

    set_model = f"users/algo/model/set?user_id={user.id}"
    assert algorithm(server, "users/algo/model/make_all_pending")["pending_count"] == 1
    assert model() == "empty"
    assert algorithm(server, "users/algo/pending_model")["user_id"] == user.id
    assert set(model()) == {"retrieved_at"}
    assert algorithm(server, "users/algo/pending_model") == {"msg": "empty"}
    body = ("-X", "POST", "-H", "Content-Type: application/json", "-d", json.dumps({"model": {"eyes": [1, 2]}}))
    assert algorithm(server, set_model, *body) == {"msg": "ok"}
    assert model() == {"eyes": [1, 2]}
    for again in (["-d", "model=empty"], ["-d", 'model="empty"'], ["-X", "POST", "-d", ""]):
        algorithm(server, "users/algo/pending_model")
        path = set_model if "-X" not in again else f"{set_model}&model=empty"
        assert algorithm(server, path, *again) == {"msg": "ok"}
        assert model() == "empty"


def test_the_password_is_needed(server: Stack) -> None:
    assert curl(f"{server.url}/albums/algo/all_pending?password=wrong") == {"msg": "wrong password."}


def test_nothing_secret_is_kept_or_logged(server: Stack, user: Client) -> None:
    codes = [json.loads(path.read_text())["body"][-6:] for path in (server.data_dir / "outbox/sms").glob("*.json")]
    kept = [path for path in server.data_dir.rglob("*") if path.is_file() and "outbox" not in path.parts]
    assert any(path.suffix == ".log" for path in kept)
    assert any(path.name.startswith("pickeez.sqlite3") for path in kept)
    for secret in [user.token, PASSWORD, *codes]:
        for path in kept:
            assert not _holds(path, secret), f"{path.name} holds a secret"


def _holds(path: Path, secret: str) -> bool:
    content = path.read_bytes()
    if secret.isdigit():  # six digits are part of many longer numbers
        return f"code is {secret}".encode() in content or f"code={secret}".encode() in content
    return secret.encode() in content
