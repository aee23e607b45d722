import os
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.core.files.storage import default_storage
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from albums.models import Album
from conftest import Caller, MakePicture, Person
from photos import storage
from photos.storage import BadKey, StorageUnavailable, key_of
from pickeez_site.dialects.pickeez.tests.shapes import status_of

BUCKET = "our-bucket"
S3: Any = default_storage  # the storage of a bucket has more attributes than Django's


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def use_s3(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes a bucket the default storage, in place of local files."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    options = {"file_overwrite": True, "querystring_auth": True, "default_acl": None}

    def use(endpoint: str) -> None:
        settings.AWS_STORAGE_BUCKET_NAME = BUCKET
        settings.AWS_S3_ENDPOINT_URL = endpoint
        settings.AWS_S3_REGION_NAME = "us-east-1"
        s3 = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "default": s3}

    return use


@pytest.fixture
def bucket(s3_server: str, use_s3: Callable[[str], None]) -> Iterator[None]:
    use_s3(s3_server)
    S3.connection.create_bucket(Bucket=BUCKET)
    yield
    S3.bucket.objects.delete()


@pytest.fixture
def unreachable(use_s3: Callable[[str], None]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    use_s3(f"http://127.0.0.1:{port}")


@pytest.fixture(params=["local", "bucket"])
def any_storage(request: pytest.FixtureRequest) -> None:
    if request.param == "bucket":
        request.getfixturevalue("bucket")


def size_of(key: str) -> int | None:
    stored = storage.stat(key)
    return stored.size if stored else None


def test_what_is_stored_can_be_read_and_removed(any_storage: None) -> None:
    storage.save("camera/a b.png", b"content", "image/png")
    assert storage.read("camera/a b.png") == b"content"
    assert size_of("camera/a b.png") == 7
    storage.remove("camera/a b.png")
    assert storage.stat("camera/a b.png") is None


def test_storing_again_replaces_it_under_the_same_key(any_storage: None) -> None:
    storage.save("a.png", b"first")
    storage.save("a.png", b"second")
    assert storage.read("a.png") == b"second"


def test_the_tag_changes_with_the_content_and_only_then(any_storage: None) -> None:
    storage.save("a.png", b"first")
    first = storage.stat("a.png")
    assert storage.stat("a.png") == first
    storage.save("a.png", b"other")
    second = storage.stat("a.png")
    assert first
    assert second
    assert second.etag != first.etag


@pytest.mark.parametrize("key", ["never", "never/there.png", "a.png/below-a-file", "folder", "x" * 300])
def test_a_missing_file_is_not_found(any_storage: None, key: str) -> None:
    storage.save("a.png", b"content")
    storage.save("folder/b.png", b"content")
    assert storage.stat(key) is None
    with pytest.raises(FileNotFoundError):
        storage.read(key)
    storage.remove(key)


@pytest.mark.parametrize("key", ["../outside", "a/../../outside", "/etc/passwd"])
def test_nothing_outside_the_storage_is_read(key: str) -> None:
    assert storage.stat(key) is None
    with pytest.raises(FileNotFoundError):
        storage.read(key)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: storage.stat("a.png"),
        lambda: storage.read("a.png"),
        lambda: storage.save("a.png", b"content"),
        lambda: storage.remove("a.png"),
    ],
    ids=["stat", "read", "save", "remove"],
)
def test_an_unreachable_server_is_distinguished_from_a_missing_file(
    unreachable: None, ask: Callable[..., object]
) -> None:
    with pytest.raises(StorageUnavailable):
        ask()


class CutOff(BaseHTTPRequestHandler):
    """A bucket that breaks off in the middle of a file."""

    def do_HEAD(self) -> None:
        self.send_response(200)
        for name, value in {"Content-Length": "1000", "ETag": '"a"', "Content-Type": "image/png"}.items():
            self.send_header(name, value)
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(b"the beginning")
        self.close_connection = True

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def cut_off(use_s3: Callable[[str], None]) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), CutOff) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        use_s3(f"http://127.0.0.1:{server.server_port}")
        yield
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("ask", [storage.read, lambda key: list(storage.chunks(key))], ids=["whole", "in pieces"])
def test_a_server_that_breaks_off_in_the_middle_of_a_file_is_unreachable(
    cut_off: None, ask: Callable[..., object]
) -> None:
    assert size_of("a.png") == 1000
    with pytest.raises(StorageUnavailable):
        ask("a.png")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_an_unreachable_storage(tmp_path: Path) -> None:
    storage.save("folder/a.png", b"content")
    folder = tmp_path / "media" / "folder"
    folder.chmod(0)
    try:
        with pytest.raises(StorageUnavailable):
            storage.read("folder/a.png")
    finally:
        folder.chmod(stat.S_IRWXU)


def test_local_files_have_no_presigned_url() -> None:
    assert storage.presigned_url("a.png", content_type="image/png", seconds=timedelta(minutes=5)) is None


def test_an_album_lives_in_a_bucket(
    bucket: None, owner: Person, nobody: Caller, album: Album, make_picture: MakePicture
) -> None:
    content = make_picture(0).read()
    storage.save("camera/a.png", content)
    url = f"{S3.endpoint_url}/{BUCKET}/camera/a.png"
    photo_id = owner.post("/photos/", {"album_id": album.pk, "s3_path": url}).json()["_id"]
    photo = owner.get(f"/photos/{photo_id}").json()
    assert (photo["status"], photo["num_faces"], photo["s3_path"]) == ("ready", 1, url)
    redirect = nobody.client.get(photo["url"].removeprefix("http://testserver"))
    assert redirect.status_code == 302
    with urlopen(redirect["Location"], timeout=5) as answer:
        assert answer.read() == content
        assert answer.headers["Content-Type"] == "image/png"


def test_a_presigned_url_is_given_only_while_the_photo_is_there(
    bucket: None, owner: Person, nobody: Caller, album: Album, make_picture: MakePicture
) -> None:
    photo_id = owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)}).json()["_id"]
    url = owner.get(f"/photos/{photo_id}").json()["renditions"]["small"]["url"]
    assert status_of(nobody, url) == 302
    owner.post(f"/photos/{photo_id}/delete")
    assert status_of(nobody, url) == 404


def test_erased_photos_leave_the_bucket(
    bucket: None, owner: Person, album: Album, make_picture: MakePicture
) -> None:
    owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)})
    assert len(list(S3.bucket.objects.all())) == 7
    owner.post("/delete_me", {"sure": "yes"})
    assert list(S3.bucket.objects.all()) == []


@pytest.mark.parametrize(
    ("path", "key"),
    [("a.png", "a.png"), ("camera/2015/a b.png", "camera/2015/a b.png"), ("k" * 1024, "k" * 1024), ("...", "...")],
)
def test_a_plain_key_is_itself(path: str, key: str) -> None:
    assert key_of(path) == key


@pytest.mark.parametrize("path", ["", "/a", "a//b", "a/./b", "a/../b", "..", ".", "a\\b", "k" * 1025, "x" * 2049])
def test_a_key_that_could_mean_another_file_is_refused(path: str) -> None:
    with pytest.raises(BadKey):
        key_of(path)
