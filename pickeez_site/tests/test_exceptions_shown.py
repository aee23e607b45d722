"""An exception of the engine is shown where operators look, and never to clients; until a try succeeds."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.tests.admin_pages import operator, page
from albums.models import Album
from conftest import MakePicture, Person
from core.faults import MAX_FAULT, fault_columns
from faces.models import Selfie
from faces.services import add_selfie, check_selfie
from faces.tests.fake_engine import FakeEngine
from photos import storage
from photos.models import Original
from photos.pipeline import process_original
from photos.services import PhotoFacts, processing, register_photo
from pickeez_site.operations.doctor.findings import Level
from pickeez_site.operations.doctor.models import check_faults

WORDS = "RuntimeError: the session has burst"
PLACE = "test_exceptions_shown.py, line"


@pytest.fixture
def broken_engine() -> Iterator[pytest.MonkeyPatch]:
    """An engine that raises in every picture, until the patch is undone."""

    def find_faces(*_: object) -> None:
        raise RuntimeError("the session\nhas burst")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FakeEngine, "find_faces", find_faces)
        patch.setattr(processing, "send_task", lambda *_, **__: True)
        yield patch


@pytest.fixture
def original(owner: Person, album: Album, make_picture: MakePicture) -> Original:
    storage.save("camera/a.jpg", make_picture(0, form="JPEG").read())
    return register_photo(user=owner.user, album=album, s3_path="camera/a.jpg", facts=PhotoFacts()).original


def is_shown(client: Client, model: type[Original] | type[Selfie], words: str) -> bool:
    """On the page of the only row, which the list finds by this filter, and on the first page of the admin."""
    row = model.objects.get()
    listed = client.get(page(model, "changelist"), {"fault_at__isempty": 0}).content.decode()
    assert str(row.pk) in listed
    pages = (client.get(page(model, "change", row.pk)), client.get("/admin/"))
    return all(words in answer.content.decode() for answer in pages)


def test_of_a_photo(original: Original, album: Album, owner: Person, broken_engine: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError):
        process_original(original_id=original.pk)
    original.refresh_from_db()
    assert original.status == "processing"
    assert original.fault.startswith(f"stage faces, try 1 of 3: {WORDS} (")
    assert PLACE in original.fault
    assert original.fault_at
    client = operator()
    assert is_shown(client, Original, WORDS)
    finding = check_faults()
    assert finding.level == Level.WARNING
    assert "1 originals and 0 selfies" in finding.found
    assert WORDS in finding.found
    assert WORDS not in owner.get(f"/albums/{album.pk}").text
    broken_engine.undo()
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        process_original(original_id=original.pk)
    original.refresh_from_db()
    assert (original.status, original.fault, original.fault_at) == ("ready", "", None)
    assert WORDS not in client.get("/admin/").content.decode()
    assert check_faults().level == Level.OK


def test_of_a_photo_that_has_failed_for_good_until_it_is_started_over(
    original: Original, album: Album, owner: Person, broken_engine: pytest.MonkeyPatch
) -> None:
    Original.objects.update(tries=2, stage="faces", status="processing")
    process_original(original_id=original.pk)
    original.refresh_from_db()
    assert original.status == "failed"
    assert WORDS in original.fault
    assert "session" not in owner.get(f"/albums/{album.pk}").text
    Original.objects.all().start_over()
    original.refresh_from_db()
    assert (original.fault, original.fault_at) == ("", None)


def test_of_a_selfie(owner: Person, make_picture: MakePicture, broken_engine: pytest.MonkeyPatch) -> None:
    file = SimpleUploadedFile("me.jpg", make_picture(0, form="JPEG").read())
    with pytest.raises(RuntimeError):
        add_selfie(user=owner.user, file=file)
    selfie = Selfie.objects.get()
    assert selfie.status == "new"
    assert selfie.fault.startswith(f"try 1 of 3: {WORDS} (")
    assert is_shown(operator(), Selfie, WORDS)
    assert "0 originals and 1 selfies" in check_faults().found
    assert WORDS not in owner.get("/me/selfie").text
    broken_engine.undo()
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        check_selfie(selfie_id=selfie.pk)
    selfie.refresh_from_db()
    assert (selfie.status, selfie.fault, selfie.fault_at) == ("taken", "", None)


def test_what_is_noted_can_be_stored() -> None:
    columns = fault_columns(ValueError("a\0b\ud800" + "x" * 5000), doing="try 1 of 3")
    assert columns["fault"].startswith("try 1 of 3: ValueError: a b?x")
    assert len(columns["fault"]) <= MAX_FAULT
    assert fault_columns(ValueError(), doing="try")["fault"] == "try: ValueError: no message"
