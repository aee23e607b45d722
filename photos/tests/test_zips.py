import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone

from accounts.services import delete_user
from albums.models import Album
from conftest import Person, committing
from core.leases import UNCLAIMED
from photos import storage
from photos.models import FileToRemove, Photo, Zip
from photos.services import RequestedPicture, build_zip, erase_photos, remove_dropped_files, request_zip
from photos.services.zips import safe_name, unique_names
from photos.tests.builders import place_photos, store_file

MEGABYTE = 1024 * 1024
PICTURES = 250


@pytest.fixture
def requested(owner: Person, album: Album) -> Zip:
    """An archive of many originals of 100 kB each, not made yet."""
    photos = place_photos(album, owner.user, PICTURES)
    for photo in photos:
        store_file(photo.original, b"\xff\xd8\xff" + bytes(100_000))
    pictures = [RequestedPicture(photo, "original", "IMG.jpg") for photo in photos]
    return request_zip(album=album, user=owner.user, name="All", pictures=pictures)


def test_an_archive_of_many_pictures_takes_little_memory_and_reports_progress(
    requested: Zip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photos.services.zips.NOTED_EVERY", timedelta(0))
    progress: list[int] = []
    read_chunks = storage.chunks

    def chunks(key: str) -> Iterator[bytes]:
        progress.append(Zip.objects.get().done)
        return read_chunks(key)

    monkeypatch.setattr("photos.storage.chunks", chunks)
    tracemalloc.start()
    assert build_zip(zip_id=requested.pk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * MEGABYTE
    assert progress == list(range(PICTURES))
    made = Zip.objects.get()
    with storage.open_file(made.key) as file:
        archive = zipfile.ZipFile(file)
        assert len(set(archive.namelist())) == PICTURES
        assert archive.testzip() is None
    assert (made.done, made.status, made.claim) == (PICTURES, "ready", None)
    assert not FileToRemove.objects.exists()


def request_archive(owner: Person, album: Album, number: int = 2) -> Zip:
    photos = place_photos(album, owner.user, number)
    for photo in photos:
        store_file(photo.original, b"picture")
    pictures = [RequestedPicture(photo, "original", "a.jpg") for photo in photos]
    return request_zip(album=album, user=owner.user, name="a", pictures=pictures)


def test_a_worker_that_lost_its_claim_writes_nothing(
    owner: Person, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = request_archive(owner, album)
    save = storage.save

    def save_and_lose_the_claim(*arguments: Any) -> None:
        save(*arguments)
        Zip.objects.update(claim="01234567-89ab-cdef-0123-456789abcdef")

    monkeypatch.setattr("photos.storage.save", save_and_lose_the_claim)
    assert not build_zip(zip_id=archive.pk)
    archive.refresh_from_db()
    assert (archive.status, archive.key) == ("new", "")
    FileToRemove.objects.update(after=timezone.now())
    assert remove_dropped_files() == 1


def test_an_archive_whose_worker_died_is_made_by_the_next(owner: Person, album: Album) -> None:
    archive = request_archive(owner, album)
    assert Zip.objects.claimable().claim(archive.pk)
    assert not build_zip(zip_id=archive.pk)
    Zip.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert build_zip(zip_id=archive.pk)


def test_a_photo_that_was_deleted_meanwhile_is_left_out(owner: Person, album: Album) -> None:
    archive = request_archive(owner, album)
    entry = archive.entries.first()
    assert entry
    Photo.objects.filter(pk=entry.photo_id).update(deleted_at=timezone.now())
    assert build_zip(zip_id=archive.pk)
    archive.refresh_from_db()
    assert len(zipfile.ZipFile(BytesIO(storage.read(archive.key))).namelist()) == 1


def test_years_that_the_zip_format_does_not_have_are_limited(owner: Person, album: Album) -> None:
    archive = request_archive(owner, album)
    for year, photo in zip((1950, 2200), album.photos.all(), strict=True):
        photo.original.taken_at = timezone.now().replace(year=year, month=2, day=3)
        photo.original.save()
    Zip.objects.update(**UNCLAIMED)
    assert build_zip(zip_id=archive.pk)
    archive.refresh_from_db()
    infos = zipfile.ZipFile(BytesIO(storage.read(archive.key))).infolist()
    assert [info.date_time[:3] for info in infos] == [(1980, 2, 3), (2107, 2, 3)]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("IMG_01.jpg", "IMG_01.jpg"),
        ("Sömmer 夏.jpg", "Sömmer 夏.jpg"),
        ("../../a.jpg", "_.._a.jpg"),
        ("C:\\a.jpg", "C__a.jpg"),
        ("/a", "_a"),
        ("a\0b\r\n\u202e.jpg", "a_b___.jpg"),
        ("..", "file"),
        ("", "file"),
        (" . ", "file"),
        ("nul", "_nul"),
        ("Com1.tar.gz", "_Com1.tar.gz"),
        ("a. ", "a"),
        ("ä" * 300, "ä" * 100),
        ("ä" * 300 + ".jpg", "ä" * 100 + ".jpg"),
    ],
)
def test_a_name_is_safe_on_every_system(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_names_are_unique_ignoring_case() -> None:
    names = ["a.jpg", "A.jpg", "a (2).jpg", "a.jpg", "b", "b", "ß", "SS"]
    assert list(unique_names(names)) == [
        "a.jpg",
        "A (2).jpg",
        "a (2) (2).jpg",
        "a (3).jpg",
        "b",
        "b (2)",
        "ß",
        "SS (2)",
    ]


def test_a_deleted_users_pictures_are_in_no_archive(
    owner: Person, member: Person, album: Album, stored: Callable[..., list[str]]
) -> None:
    photo = place_photos(album, owner.user)[0]
    store_file(photo.original, b"picture")
    archive = request_zip(album=album, user=member.user, name="a", pictures=[RequestedPicture(photo, "original")])
    build_zip(zip_id=archive.pk)
    assert len(stored("zips")) == 1
    with committing():
        delete_user(user=owner.user)
    remove_dropped_files()
    assert (Zip.objects.exists(), stored()) == (False, [])


def test_an_erased_photo_is_in_no_archive(
    owner: Person, member: Person, album: Album, stored: Callable[..., list[str]]
) -> None:
    photo = place_photos(album, owner.user)[0]
    store_file(photo.original, b"picture")
    build_zip(
        zip_id=request_zip(
            album=album, user=member.user, name="a", pictures=[RequestedPicture(photo, "original")]
        ).pk
    )
    with committing():
        erase_photos(photo_ids=[photo.pk])
    remove_dropped_files()
    assert (Zip.objects.exists(), stored()) == (False, [])
