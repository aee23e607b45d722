"""What the tests of all apps share: people, pictures, and a server whose worker runs in the same process."""

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

# Before Django reads its settings: tests have a place of their own and none of the operator's configuration.
_data_dir = tempfile.TemporaryDirectory(prefix="pickeez-tests-")
os.environ.update({"DATA_DIR": _data_dir.name, "SECRET_KEY": "tests-only-" + "x" * 50, "PUBLIC_URL": ""})

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image, ImageDraw

from accounts.messaging import memory
from accounts.models import User
from accounts.services import create_token, verify_phone
from albums.models import Album
from albums.services import create_album, invite_phones
from faces.engine import get_engine
from faces.tests.fake_engine import PEOPLE

SHARED = Path(__file__).resolve().parent.parent / "shared"
GREY = (120, 120, 120)


@pytest.fixture(autouse=True)
def _own_world(settings, tmp_path: Path) -> Iterator[None]:
    """Every test has its own files and outbox; tasks run at once, with the fake engine."""
    settings.STORAGES = {
        **django_settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media"), "allow_overwrite": True},
        },
    }
    settings.SMS_BACKEND = settings.PUSH_BACKEND = "accounts.messaging.memory.MemoryBackend"
    settings.FACE_ENGINE = "faces.tests.fake_engine.FakeEngine"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.OUTBOX_DIR = tmp_path / "outbox"
    settings.SELFIE_WAIT_SECONDS = 0
    get_engine.cache_clear()
    for messages in memory.outbox.values():
        messages.clear()
    yield
    get_engine.cache_clear()


@pytest.fixture
def sms() -> list[dict]:
    """The SMS that were sent."""
    return memory.outbox["sms"]


@pytest.fixture
def pushes() -> list[dict]:
    """The pushes that were sent."""
    return memory.outbox["push"]


class Person:
    """A user with a client that sends their token."""

    def __init__(self, name: str, phone: str) -> None:
        self.user = User.objects.create_user(name=name, push_notif_token=f"device-of-{name}")
        verify_phone(user=self.user, phone=phone)
        self.phone = phone
        self.id = str(self.user.pk)
        self.token = create_token(user=self.user)
        self.client = Client(headers={"authorization": f"Bearer {self.token}"})

    def get(self, path: str, data: dict | None = None):
        return self.client.get(path, data)

    def post(self, path: str, data: dict | None = None, *, json: bool = False):
        if json:
            return self.client.post(path, data, content_type="application/json")
        return self.client.post(path, data or {})


@pytest.fixture
def owner(db) -> Person:
    return Person("Owner", "12025550111")


@pytest.fixture
def member(db) -> Person:
    return Person("Member", "12025550122")


@pytest.fixture
def stranger(db) -> Person:
    return Person("Stranger", "12025550133")


@pytest.fixture
def nobody() -> Client:
    return Client()


@pytest.fixture
def album(owner: Person, member: Person) -> Album:
    """An album of the owner, with the member in it."""
    album = create_album(owner=owner.user, name="Summer")
    invite_phones(album=album, phones=[member.phone])
    return album


@pytest.fixture
def run_on_commit(django_capture_on_commit_callbacks) -> Callable:
    """Runs what waits for the commit, as if the test's own transaction had ended."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def picture(*people: int, size: tuple[int, int] = (320, 240), seed: int = 0, form: str = "PNG") -> io.BytesIO:
    """A grey picture with one flat square for each person (an index of `PEOPLE`); `seed` makes it another file."""
    image = Image.new("RGB", size, GREY)
    draw = ImageDraw.Draw(image)
    for place, person in enumerate(people):
        left = 10 + 50 * place
        draw.rectangle((left, 20, left + 39, 59), fill=PEOPLE[person])
    draw.rectangle((0, size[1] - 4, 3, size[1] - 1), fill=(seed % 256, seed // 256 % 256, 7))
    file = io.BytesIO()
    image.save(file, form)
    file.seek(0)
    file.name = f"picture-{'-'.join(map(str, people))}-{seed}.{form.lower()}"
    return file


@pytest.fixture
def make_picture() -> Callable[..., io.BytesIO]:
    return picture


@pytest.fixture
def shared_photos() -> Path:
    photos = SHARED / "photos"
    if not photos.is_dir():
        pytest.skip("the development photos are not here")
    return photos


@pytest.fixture
def stored() -> Callable[[], list[str]]:
    """The keys of all stored files."""

    def keys(folder: str = "") -> list[str]:
        if not default_storage.exists(folder or "."):
            return []
        folders, files = default_storage.listdir(folder)
        found = [f"{folder}/{name}".lstrip("/") for name in files]
        return sorted(found + [key for name in folders for key in keys(f"{folder}/{name}".lstrip("/"))])

    return keys
