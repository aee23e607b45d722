"""Fixtures for the tests of all apps: people, pictures, and a server whose tasks run in the same process."""

import functools
import io
import secrets
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.db import connections
from django.test import Client, TestCase
from PIL import Image, ImageDraw
from pytest_django import Settings

from accounts.messaging import memory
from accounts.models import User
from accounts.services import create_token, verify_phone
from albums.models import Album
from albums.services import create_album, invite_phones
from core.outages import broker_circuit
from core.tests.answers import Answer, Json, Query
from faces.engine import get_engine
from faces.tests.fake_engine import PEOPLE
from pickeez_site.tests.migrated import migrated_database

SHARED = Path(__file__).resolve().parent.parent / "shared"
GREY = (120, 120, 120)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts slow tests first, so that no slow test runs alone at the end on several cores.

    Marks the tests that use the database, so that only these are run again on PostgreSQL.
    """
    items.sort(key=lambda item: not item.get_closest_marker("stack"))
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "db" in fixtures or "transactional_db" in fixtures or item.get_closest_marker("django_db"):
            item.add_marker("database")


@pytest.fixture(scope="session", autouse=True)
def _only_loopback() -> Iterator[None]:
    """Blocks all other machines: tests resolve no names and connect only to loopback addresses."""
    look_up, connect = socket.getaddrinfo, socket.socket.connect

    def look_up_here(host: str | bytes | None, *arguments: Any, **options: Any) -> object:
        if host not in (None, "", "localhost") and not _is_address(host):
            raise socket.gaierror(f"{host!r} is not on loopback")
        return look_up(host, *arguments, **options)

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
            raise ConnectionRefusedError(f"{address[0]} is not on loopback")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", look_up_here)
        patch.setattr(socket.socket, "connect", connect_here)
        yield


def _is_address(host: str | bytes) -> bool:
    """Whether the host is an IP address, in any spelling: the system also reads `127.1` and `2130706433`."""
    name = host.decode() if isinstance(host, bytes) else host
    for read in (ip_address, socket.inet_aton):
        with suppress(ValueError, OSError):
            read(name)
            return True
    return False


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """The tests' database on SQLite is kept from the copy of a migrated one that is made here."""
    database = connections["default"]
    if database.vendor == "sqlite":
        shutil.copyfile(migrated_database(), database.settings_dict["TEST"]["NAME"])
    return database.vendor == "sqlite"


@pytest.fixture(autouse=True)
def _own_files(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Every test has its own files and outbox."""
    settings.STORAGES = {
        **django_settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media"), "allow_overwrite": True},
        },
    }
    settings.OUTBOX_DIR = tmp_path / "outbox"
    settings.LOOKS_DIR = tmp_path / "looks"
    get_engine.cache_clear()
    broker_circuit.reset()
    for messages in memory.outbox.values():
        messages.clear()
    yield
    get_engine.cache_clear()


@pytest.fixture
def sms() -> list[dict[str, Json]]:
    """The SMS that were sent."""
    return memory.outbox["sms"]


@pytest.fixture
def pushes() -> list[dict[str, Json]]:
    """The pushes that were sent."""
    return memory.outbox["push"]


# A test's own transaction never commits. Inside this context manager, `on_commit` callbacks run at its end.
committing = functools.partial(TestCase.captureOnCommitCallbacks, execute=True)


class Caller:
    """A user of an HTTP client. The tasks of a request are done before the answer is returned."""

    def __init__(self, **headers: str) -> None:
        self.client = Client(headers=headers)

    def get(self, path: str, data: Query | None = None, **extra: Any) -> Answer:
        with committing():
            return self.client.get(path, data, **extra)

    def post(self, path: str, data: object = None, **extra: Any) -> Answer:
        with committing():
            return self.client.post(path, data or {}, **extra)

    def post_json(self, path: str, data: object) -> Answer:
        with committing():
            return self.client.post(path, data, content_type="application/json")


class Person(Caller):
    """A user, whose client sends their token."""

    def __init__(self, name: str, phone: str) -> None:
        self.user = User.objects.create_user(name=name, push_notif_token=f"device-of-{name}")
        with committing():
            verify_phone(user=self.user, phone=phone)
        self.phone = phone
        self.id = str(self.user.pk)
        self.token = create_token(user=self.user)
        super().__init__(authorization=f"Bearer {self.token}")


@pytest.fixture
def owner(db: None) -> Person:
    return Person("Owner", "12025550111")


@pytest.fixture
def member(db: None) -> Person:
    return Person("Member", "12025550122")


@pytest.fixture
def stranger(db: None) -> Person:
    return Person("Stranger", "12025550133")


@pytest.fixture
def nobody() -> Caller:
    return Caller()


@pytest.fixture
def album(owner: Person, member: Person) -> Album:
    """An album of the owner, with the member in it."""
    with committing():
        album = create_album(owner=owner.user, name="Summer")
        invite_phones(album=album, phones=[member.phone])
    return album


class Picture(io.BytesIO):
    """A file in memory that has a name, as a client uploads it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class MakePicture(Protocol):
    """The signature of `picture`."""

    def __call__(
        self, *people: int, size: tuple[int, int] = (320, 240), seed: int = 0, form: str = "PNG"
    ) -> Picture: ...


def picture(*people: int, size: tuple[int, int] = (320, 240), seed: int = 0, form: str = "PNG") -> Picture:
    """A grey picture with one flat square for each person (an index of `PEOPLE`); `seed` varies the file."""
    image = Image.new("RGB", size, GREY)
    draw = ImageDraw.Draw(image)
    for place, person in enumerate(people):
        left = 10 + 50 * place
        draw.rectangle((left, 20, left + 39, 59), fill=PEOPLE[person])
    draw.rectangle((0, size[1] - 4, 3, size[1] - 1), fill=(seed % 256, seed // 256 % 256, 7))
    file = Picture(f"picture-{'-'.join(map(str, people))}-{seed}.{form.lower()}")
    image.save(file, form)
    file.seek(0)
    return file


@pytest.fixture
def make_picture() -> MakePicture:
    return picture


@pytest.fixture
def shared_photos() -> Path:
    photos = SHARED / "photos"
    if not photos.is_dir():
        pytest.skip("the development photos are missing")
    return photos


@pytest.fixture
def stored() -> Callable[..., list[str]]:
    """The keys of all stored files."""

    def keys(folder: str = "") -> list[str]:
        if not default_storage.exists(folder or "."):
            return []
        folders, files = default_storage.listdir(folder)
        found = [f"{folder}/{name}".lstrip("/") for name in files]
        return sorted(found + [key for name in folders for key in keys(f"{folder}/{name}".lstrip("/"))])

    return keys


@pytest.fixture(scope="session")
def _s3_server() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(_s3_server: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """Stores files in a bucket of an S3 server on loopback instead of the local disk; returns its name."""
    import boto3

    name = f"pickeez-{secrets.token_hex(4)}"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    options = {"bucket_name": name, "endpoint_url": _s3_server, "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=_s3_server, region_name="us-east-1").create_bucket(Bucket=name)
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {**options, "signature_version": "s3v4", "file_overwrite": True, "default_acl": None},
        },
    }
    return name
