"""The admin of photos: every page opens, costs few queries however many rows there are, and obeys permissions."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from uuid_utils.compat import uuid7

from accounts.tests.admin_pages import (
    ROWS,
    actions,
    client_for,
    list_parameters,
    models_of,
    operator,
    page,
    run_action,
    staff,
    viewer,
)
from albums.models import Album
from conftest import MakePicture, Person, committing
from core.admin import OperatorAdmin
from core.enqueueing import send_task
from faces.models import Sighting
from photos import storage
from photos.images import UnreadableImage, crop_square, read_picture
from photos.models import (
    FileToRemove,
    FolderImport,
    ImportedFile,
    Like,
    ObjectLabel,
    Original,
    Photo,
    PhotoLocalId,
    RemovedPicture,
    Rendition,
    ResumableUpload,
    UploadedChunk,
    UploadSlot,
    Zip,
    ZipEntry,
)
from photos.services import reprocess_originals, restore_photos, trash_photo, trash_photos
from photos.stages import FIRST_STAGE
from photos.tests.builders import place_photo, place_photos, store_file

MODELS = models_of("photos")
QUERIES = 14  # of a page: session and user are two, transactions and savepoints some
CHANGING = 60  # of an action on all rows, in batches


@pytest.fixture
def fill(owner: Person, album: Album) -> Callable[..., None]:
    """Puts rows into a model's table, all of one user and album."""
    user, later = owner.user, timezone.now() + timedelta(hours=1)

    def photos(number: int) -> list[Photo]:
        originals = [Original(owner=user, key=f"camera/{n}", status="ready", width=30) for n in range(number)]
        Original.objects.bulk_create(originals)
        trashed = {0: timezone.now()}
        return Photo.objects.bulk_create(
            [
                Photo(
                    original=it,
                    album=album,
                    owner=user,
                    uploader=user,
                    s3_path=it.key,
                    deleted_at=trashed.get(n % 3),
                )
                for n, it in enumerate(originals)
            ]
        )

    def files(number: int) -> list[ImportedFile]:
        facts = {"owner": user, "root": b"/p", "size": 1, "mtime_ns": 1}
        return [ImportedFile(photo=it, location=b"/\xff" + it.s3_path.encode(), **facts) for it in photos(number)]

    def entries(number: int) -> list[ZipEntry]:
        archive = Zip.objects.create(album=album, user=user, name="all.zip", total=number, expires_at=later)
        return [ZipEntry(zip=archive, photo=it, kind="small", name=it.s3_path) for it in photos(number)]

    placed = {"album": album, "user": user, "expires_at": later}

    def chunks(number: int) -> list[UploadedChunk]:
        upload = ResumableUpload.objects.create(name="a.jpg", size=number, **placed)
        return [UploadedChunk(upload=upload, offset=n, size=1, key=f"chunks/{n}") for n in range(number)]

    makers: dict[type[Model], Callable[[int], Sequence[Model]]] = {
        Like: lambda number: [Like(photo=it, user=user, kind="like") for it in photos(number)],
        PhotoLocalId: lambda number: [PhotoLocalId(photo=it, user=user, value="x") for it in photos(number)],
        ImportedFile: files,
        ZipEntry: entries,
        FolderImport: lambda number: [
            FolderImport(owner=user, root=b"/p", location=b"/p/%d" % n, name=f"/p/{n}") for n in range(number)
        ],
        UploadSlot: lambda number: [UploadSlot(key=f"incoming/{n}", max_bytes=9, **placed) for n in range(number)],
        ResumableUpload: lambda number: [
            ResumableUpload(name=f"{n}.jpg", size=9, **placed) for n in range(number)
        ],
        UploadedChunk: chunks,
        Zip: lambda number: [Zip(name="all.zip", total=1, **placed) for _ in range(number)],
        RemovedPicture: lambda number: [RemovedPicture(album=album, sha256=f"{n:064x}") for n in range(number)],
        FileToRemove: lambda number: [FileToRemove(key=f"renditions/{n}.jpg") for n in range(number)],
    }

    def add(model: type[Model], number: int = ROWS) -> None:
        if model in (Original, Photo):
            photos(number)
        else:
            model._default_manager.bulk_create(makers[model](number))
        assert model._default_manager.count() == number

    return add


def test_every_model_has_a_page_or_an_inline() -> None:
    inlines = {inline.model for model in MODELS for inline in admin.site.get_model_admin(model).inlines}
    assert inlines == {Rendition, ObjectLabel}
    assert len(MODELS) + len(inlines) == len(list(apps.get_app_config("photos").get_models()))


@pytest.mark.parametrize("model", MODELS)
def test_every_page_and_action_works_at_a_thousand_rows(
    model: type[Model],
    fill: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = operator()
    fill(model)
    for query in list_parameters(client, model, "a", monkeypatch):
        with django_assert_max_num_queries(QUERIES):
            assert client.get(page(model, "changelist"), query).status_code == 200, query
    row = model._default_manager.order_by("pk").first()
    assert row
    with django_assert_max_num_queries(QUERIES):
        assert client.get(page(model, "change", row.pk)).status_code == 200
    assert client.get(page(model, "history", row.pk)).status_code == 200
    assert client.get(page(model, "add")).status_code == 403
    assert client.post(page(model, "change", row.pk), {}).status_code == 403
    for action in actions(client, model):
        with django_assert_max_num_queries(CHANGING):
            answer = run_action(client, model, action, everything=True)
        assert answer.context["title"] == "Delete multiple objects" or answer.context["messages"], action


def test_only_some_models_can_be_deleted(fill: Callable[..., None]) -> None:
    client = operator()
    deletable = {model for model in MODELS if "delete_selected" in actions(client, model)}
    assert deletable == {Photo, FolderImport, ResumableUpload, UploadSlot, Zip}


@pytest.mark.parametrize("model", MODELS)
def test_a_viewer_can_change_nothing(model: type[Model], fill: Callable[..., None]) -> None:
    fill(model, 2)
    client, before = client_for(viewer("photos")), list(model._default_manager.order_by("pk").values())
    assert client.get(page(model, "changelist")).status_code == 200
    assert actions(client, model) == []
    pk = before[0][model._meta.pk.attname]
    assert client.get(page(model, "change", pk)).status_code == 200
    assert client.get(page(model, "delete", pk)).status_code == 403
    for action in ("process_again", "trash", "restore", "delete_selected"):
        run_action(client, model, action, everything=True, post="yes")
    model_admin = admin.site.get_model_admin(model)
    assert isinstance(model_admin, OperatorAdmin)
    for name in model_admin.page_actions:
        assert client.get(page(model, "do", pk, name)).status_code == 405
        assert client.post(page(model, "do", pk, name)).status_code == 403
    assert list(model._default_manager.order_by("pk").values()) == before


@pytest.mark.parametrize("model", MODELS)
def test_others_see_nothing(model: type[Model], client: Client, owner: Person) -> None:
    for somebody in (client, owner.client, staff()):
        assert somebody.get(page(model, "changelist")).status_code in (302, 403)


@pytest.fixture
def photo(album: Album, owner: Person) -> Photo:
    return place_photo(album, owner.user, width=30, height=20, stage_seconds={"read": 0.123, "faces": 1.5})


def store_picture(photo: Photo, picture: BytesIO) -> None:
    """Stores it as the photo's file and as its square rendition."""
    Rendition.objects.filter(original=photo.original, kind="square").update(key="square.jpg")
    storage.save("square.jpg", picture.getvalue(), "image/jpeg")
    store_file(photo.original, picture.getvalue(), "image/jpeg")


def test_staff_see_pictures_of_photos_in_the_trash_too(photo: Photo, make_picture: MakePicture) -> None:
    store_picture(photo, make_picture(0))
    trash_photo(photo=photo)
    client = operator()
    text = client.get(page(Photo, "changelist")).content.decode()
    address = page(Original, "picture", photo.original_id, "square")
    assert f'src="{address}" alt="Photo by Owner"' in text
    assert 'loading="lazy"' in text
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer.getvalue().startswith(b"\x89PNG")
    assert (answer["X-Content-Type-Options"], "sandbox" in answer["Content-Security-Policy"]) == ("nosniff", True)
    assert answer["Cache-Control"] == "private, max-age=3600"
    assert "In the trash since" in client.get(page(Photo, "change", photo.pk)).content.decode()


@pytest.mark.parametrize("kind", ["medium", "nonsense"])
def test_a_missing_picture_is_a_404(photo: Photo, kind: str) -> None:
    assert operator().get(page(Original, "picture", photo.original_id, kind)).status_code == 404


def test_a_failed_photo_says_why_in_place_of_a_picture(photo: Photo) -> None:
    Original.objects.filter(pk=photo.original_id).update(status="failed", error="It is no picture.")
    text = operator().get(page(Photo, "change", photo.pk)).content.decode()
    assert "No picture: failed" in text
    assert "It is no picture." in text


def test_a_picture_in_a_bucket_is_fetched_from_there(photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    def presigned_url(key: str, *, content_type: str, seconds: timedelta) -> str:
        return f"https://bucket.example/{key}?type={content_type}&seconds={seconds.total_seconds():.0f}"

    monkeypatch.setattr(storage, "presigned_url", presigned_url)
    answer = operator().get(page(Original, "picture", photo.original_id, "square"))
    assert answer.status_code == 302
    assert answer["Location"] == f"https://bucket.example/{photo.original.key}/square?type=image/jpeg&seconds=300"


def test_pictures_need_the_permission_to_view_photos(
    photo: Photo, make_picture: MakePicture, client: Client
) -> None:
    store_picture(photo, make_picture(0))
    address = page(Original, "picture", photo.original_id, "original")
    assert client.get(address).status_code == 302
    assert staff("photos.view_zip").get(address).status_code == 403


def test_the_permission_to_view_photos_includes_their_pictures(photo: Photo, make_picture: MakePicture) -> None:
    store_picture(photo, make_picture(0))
    client = staff("photos.view_photo")
    answer = client.get(page(Original, "picture", photo.original_id, "original"))
    assert (answer.status_code, answer["Content-Type"], bool(answer.getvalue())) == (200, "image/jpeg", True)


def test_a_photos_page_shows_its_analysis_and_likes(photo: Photo, member: Person) -> None:
    ObjectLabel.objects.create(original=photo.original, name="bicycle", score=0.8)
    Like.objects.create(photo=photo, user=member.user, kind="like")
    Sighting.objects.create(photo=photo, user=member.user, by="builtin", score=0.75)
    text = operator().get(page(Photo, "change", photo.pk)).content.decode()
    for words in ("bicycle", "like: 1", "Summer", "read 0.12, faces 1.50", "Member", "0.75", "Time unknown"):
        assert words in text


def test_originals_are_processed_again_through_the_service(
    photo: Photo, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    Original.objects.update(status="failed", error="No.", tries=3)
    sent = []

    def record(name: str, original_id: str, **options: Any) -> bool:
        if name == FIRST_STAGE.task:
            sent.append(UUID(original_id))
        return send_task(name, original_id, **options)

    monkeypatch.setattr("photos.services.processing.send_task", record)
    with committing():
        answer = operator().post(page(Photo, "do", photo.pk, "process_again"), follow=True)
    assert "1 originals are being processed again." in answer.content.decode()
    assert sent == [photo.original_id]
    assert LogEntry.objects.get().change_message == "Processing again."


def test_an_unfinished_original_is_left_to_its_worker(album: Album, owner: Person) -> None:
    busy, new, done = (place_photo(album, owner.user, status=status) for status in ("processing", "new", "ready"))
    Original.objects.filter(pk=busy.original_id).update(claim=uuid7(), tries=1)
    assert reprocess_originals(original_ids=[photo.original_id for photo in (busy, new, done)]) == 1
    busy.original.refresh_from_db()
    assert (busy.original.status, busy.original.tries) == ("processing", 1)
    assert busy.original.claim
    done.original.refresh_from_db()
    assert (done.original.status, done.original.tries, done.original.error) == ("new", 0, "")


def test_photos_go_to_the_trash_and_come_back(
    album: Album, owner: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    photos = place_photos(album, owner.user, 3)
    ids = [photo.pk for photo in photos]
    Zip.objects.create(album=album, user=owner.user, name="z", total=1, expires_at=timezone.now())
    ZipEntry.objects.create(zip=Zip.objects.get(), photo=photos[0], kind="small", name="a")
    assert (trash_photos(photo_ids=ids[:2]), trash_photos(photo_ids=ids)) == (2, 1)
    assert not Photo.objects.alive().exists()
    assert not Zip.objects.exists()
    assert (restore_photos(photo_ids=ids), restore_photos(photo_ids=ids)) == (3, 0)
    assert Photo.objects.alive().count() == 3
    assert album.pending


def test_buttons_put_a_photo_into_the_trash_and_back(photo: Photo) -> None:
    client = operator()
    for name, message, there in (
        ("trash", "Moved to the trash.", True),
        ("restore", "Restored from the trash.", False),
    ):
        assert f'/do/{name}/"' in client.get(page(Photo, "change", photo.pk)).content.decode()
        client.post(page(Photo, "do", photo.pk, name))
        photo.refresh_from_db()
        assert bool(photo.deleted_at) is there
        assert LogEntry.objects.filter(object_id=str(photo.pk), change_message=message).exists()
    assert client.post(page(Photo, "do", photo.pk, "delete_model")).status_code == 404
    assert client.post(page(Photo, "do", uuid7(), "trash")).status_code == 404


def test_a_button_needs_the_csrf_token(photo: Photo, client: Client) -> None:
    signed_in = operator()
    signed_in.handler.enforce_csrf_checks = True
    assert signed_in.post(page(Photo, "do", photo.pk, "trash")).status_code == 403
    photo.refresh_from_db()
    assert photo.deleted_at is None


def test_deleting_a_photo_erases_it_with_its_file(
    photo: Photo, make_picture: MakePicture, stored: Callable[..., list[str]]
) -> None:
    store_picture(photo, make_picture(0))
    with committing():
        operator().post(page(Photo, "delete", photo.pk), {"post": "yes"})
    assert not Original.objects.exists()
    assert photo.original.key not in stored()


def test_all_selected_photos_are_erased(album: Album, owner: Person) -> None:
    place_photos(album, owner.user, 3)
    with committing():
        run_action(operator(), Photo, "delete_selected", everything=True, post="yes")
    assert not Photo.objects.exists()
    assert not Original.objects.exists()


def test_originals_are_filtered_by_type_without_reading_all_of_them(photo: Photo) -> None:
    client, kind = operator(), photo.original.content_type
    with CaptureQueriesContext(connection) as queries:
        counts = [
            client.get(page(Original, "changelist"), wanted).context["cl"].result_count
            for wanted in ({}, {"content_type": kind}, {"content_type": "image/gif"})
        ]
    assert (kind, counts) == ("image/jpeg", [1, 1, 0])
    assert not [query for query in queries if "DISTINCT" in query["sql"]]


def test_a_crop_is_square_and_stays_within_the_picture(make_picture: MakePicture) -> None:
    data = make_picture(0, size=(320, 240), form="JPEG").read()
    for box in ((0.1, 0.1, 0.2, 0.3), (-0.5, -0.2, 0.1, 1.4), (0.999, 0.999, 1, 1)):
        cropped = read_picture(crop_square(data, box, 64))
        assert (cropped.width, cropped.height) == (64, 64)
    with pytest.raises(UnreadableImage):
        crop_square(b"no picture", (0, 0, 1, 1), 64)
