"""Uploads in chunks: each is resumed where it stopped, and becomes one photo however often a chunk is sent."""

import hashlib
import itertools
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from albums.models import Album
from albums.services import delete_album, uninvite_phones
from conftest import Person, committing, picture
from photos import storage
from photos.models import FileToRemove, Original, Photo, ResumableUpload, UploadedChunk
from photos.services import (
    ChecksumMismatch,
    FileRefused,
    PictureRemoved,
    TooManyUploads,
    WrongOffset,
    abandon_upload,
    begin_upload,
    delete_expired_uploads,
    receive_chunk,
    remove_dropped_files,
    resumable,
    trash_photo,
)

pytestmark = pytest.mark.django_db

PICTURE = picture(1, size=(90, 60)).getvalue()
SHA256 = hashlib.sha256(PICTURE).hexdigest()
CHUNK = 100
STARTS = range(0, len(PICTURE), CHUNK)


class PowerFailure(Exception):
    """Stands for a process that is killed."""


def begin(person: Person, album: Album, **more: str) -> ResumableUpload:
    return begin_upload(album=album, user=person.user, name="IMG 1.png", size=len(PICTURE), **more)


def send(upload: ResumableUpload, start: int, end: int | None = None, content: bytes = PICTURE) -> ResumableUpload:
    """Sends these bytes as a new request would, which knows the upload's id only."""
    with committing():
        return receive_chunk(
            upload=ResumableUpload.objects.select_related("album", "user").get(pk=upload.pk),
            offset=start,
            file=SimpleUploadedFile("upload", content[start:end]),
        )


def send_all(upload: ResumableUpload, content: bytes = PICTURE) -> ResumableUpload:
    for start in range(0, len(content), CHUNK):
        upload = send(upload, start, start + CHUNK, content)
    return upload


def assert_is_the_only_photo(upload: ResumableUpload, person: Person, stored: Callable[..., list[str]]) -> None:
    photo = Photo.objects.get()
    upload.refresh_from_db()
    assert (upload.photo_id, upload.offset) == (photo.pk, len(PICTURE))
    assert (photo.owner, photo.uploader, photo.sort_order) == (person.user, person.user, "IMG 1")
    assert (photo.original.sha256, storage.read(photo.original.key)) == (SHA256, PICTURE)
    remove_dropped_files()
    assert not UploadedChunk.objects.exists()
    assert [key for key in stored() if not key.startswith("renditions/")] == [photo.original.key]


def test_chunks_become_one_photo(member: Person, album: Album, stored: Callable[..., list[str]]) -> None:
    assert len(STARTS) > 2
    upload = send_all(begin(member, album, sha256=SHA256))
    assert_is_the_only_photo(upload, member, stored)
    assert album.pending is not None


def test_a_file_in_one_piece_is_stored_once(
    member: Person, album: Album, stored: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "chunk_key", lambda *_: 1 / 0)
    assert_is_the_only_photo(send(begin(member, album), 0), member, stored)


@pytest.mark.parametrize("start", STARTS)
def test_every_chunk_may_be_sent_again_after_its_answer_was_lost(
    member: Person, album: Album, stored: Callable[..., list[str]], start: int
) -> None:
    upload = begin(member, album)
    for each in STARTS:
        upload = send(upload, each, each + CHUNK)
        if each == start:
            with pytest.raises(WrongOffset) as refused:
                send(upload, each, each + CHUNK)
            assert refused.value.offset == min(each + CHUNK, len(PICTURE))
    assert_is_the_only_photo(upload, member, stored)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    "step", ["storage.save", "resumable.UploadedChunk", "resumable.store_photo", "resumable._complete"]
)
def test_a_server_that_is_killed_at_any_chunk_loses_no_byte_that_it_has_confirmed(
    member: Person,
    album: Album,
    stored: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
    start: int,
    step: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PowerFailure

    upload = begin(member, album)
    for each in STARTS:
        if each == start:
            module, name = (
                {"storage": storage, "resumable": resumable}[step.partition(".")[0]],
                step.partition(".")[2],
            )
            with monkeypatch.context() as patched, suppress(PowerFailure):
                if name == "UploadedChunk":
                    patched.setattr(UploadedChunk.objects, "create", fail)
                else:
                    patched.setattr(module, name, fail)
                send(upload, each, each + CHUNK)
            upload.refresh_from_db()
            if upload.offset > each:  # this chunk does not come by that step
                continue
        send(upload, each, each + CHUNK)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert_is_the_only_photo(upload, member, stored)


def test_a_chunk_may_be_of_any_length(member: Person, album: Album, stored: Callable[..., list[str]]) -> None:
    upload = begin(member, album)
    borders = [0, 1, 40, 41, 200, len(PICTURE) - 1, len(PICTURE)]
    for start, end in itertools.pairwise(borders):
        assert send(upload, start, start).offset == start
        assert send(upload, start, end).offset == end
    assert_is_the_only_photo(upload, member, stored)


@pytest.mark.parametrize("offset", [1, CHUNK - 1, CHUNK + 1, len(PICTURE), len(PICTURE) + 1])
def test_a_chunk_at_another_offset_is_refused_and_the_right_one_is_told(
    member: Person, album: Album, stored: Callable[..., list[str]], offset: int
) -> None:
    upload = send(begin(member, album), 0, CHUNK)
    with pytest.raises(WrongOffset) as refused:
        send(upload, offset, offset + 5)
    assert refused.value.offset == CHUNK
    send(upload, CHUNK)
    assert_is_the_only_photo(upload, member, stored)


def test_of_two_requests_at_one_offset_one_is_taken(
    member: Person, album: Album, stored: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = begin(member, album)
    save = storage.save
    sent: list[bool] = []

    def send_another_first(*arguments: object, **options: object) -> None:
        save(*arguments, **options)  # type: ignore[arg-type]
        if not sent:
            sent.append(True)
            send(upload, 0, 2 * CHUNK)

    with monkeypatch.context() as patched:
        patched.setattr(storage, "save", send_another_first)
        with pytest.raises(WrongOffset) as refused:
            send(upload, 0, CHUNK)
    assert refused.value.offset == 2 * CHUNK
    send(upload, 2 * CHUNK)
    assert_is_the_only_photo(upload, member, stored)


def test_a_rest_that_comes_whole_wins_over_a_cut_one_that_was_sent_again(
    member: Person, album: Album, stored: Callable[..., list[str]]
) -> None:
    """The first request has read where the upload is, and waits for its bytes; the second one is cut meanwhile."""
    upload = begin(member, album)
    send(upload, 0, CHUNK)
    as_first_read = ResumableUpload.objects.select_related("album", "user").get(pk=upload.pk)
    send(upload, CHUNK, CHUNK + 1)
    with committing():
        rest = SimpleUploadedFile("upload", PICTURE[CHUNK:])
        receive_chunk(upload=as_first_read, offset=CHUNK, file=rest)
    assert_is_the_only_photo(upload, member, stored)


def test_two_uploads_of_one_file_are_one_photo(
    member: Person, album: Album, stored: Callable[..., list[str]]
) -> None:
    one, another = begin(member, album), begin(member, album)
    for start in STARTS:
        one, another = send(one, start, start + CHUNK), send(another, start, start + CHUNK)
    assert_is_the_only_photo(one, member, stored)
    assert_is_the_only_photo(another, member, stored)


def test_a_file_that_the_same_user_has_stored_is_not_sent_again(
    owner: Person, member: Person, album: Album
) -> None:
    first = send(begin(member, album, sha256=SHA256), 0)
    again = begin(member, album, sha256=SHA256)
    assert (again.offset, again.photo_id) == (len(PICTURE), first.photo_id)
    other = Album.objects.create(owner=member.user)
    elsewhere = begin(member, other, sha256=SHA256)
    assert Photo.objects.get(album=other).pk == elsewhere.photo_id
    assert Original.objects.count() == 1


def test_nobody_gets_a_file_by_its_hash_alone(owner: Person, member: Person, album: Album) -> None:
    send(begin(member, album, sha256=SHA256), 0)
    claimed = begin(owner, album, sha256=SHA256)
    assert (claimed.offset, claimed.photo_id) == (0, None)
    assert not Photo.objects.filter(owner=owner.user).exists()
    wrong_size = begin_upload(album=album, user=member.user, name="", size=len(PICTURE) + 1, sha256=SHA256)
    assert wrong_size.photo_id is None


def test_a_file_that_differs_from_its_hash_is_refused(
    member: Person, album: Album, stored: Callable[..., list[str]]
) -> None:
    upload = begin(member, album, sha256="0" * 64)
    with pytest.raises(ChecksumMismatch):
        send_all(upload)
    remove_dropped_files()
    assert (ResumableUpload.objects.count(), Photo.objects.count(), stored()) == (0, 0, [])


@pytest.mark.parametrize("waited", [0, 10])
@pytest.mark.parametrize("end", [CHUNK, None])
def test_what_is_no_picture_is_refused_with_its_first_bytes(
    member: Person, album: Album, stored: Callable[..., list[str]], waited: int, end: int | None
) -> None:
    """The bytes of a head may come in several chunks; then the end is waited for."""
    upload = begin(member, album)
    text = b"This is not a picture. " * 100
    send(upload, 0, waited, text)
    with pytest.raises(FileRefused, match="not a picture"):
        send(upload, waited, None if waited else end, text[: len(PICTURE)])
    remove_dropped_files()
    assert (ResumableUpload.objects.count(), Photo.objects.count(), stored()) == (0, 0, [])


def test_a_file_is_never_longer_than_was_announced(
    member: Person, album: Album, stored: Callable[..., list[str]]
) -> None:
    upload = send(begin(member, album), 0, CHUNK)
    with pytest.raises(FileRefused, match="announced"):
        receive_chunk(upload=upload, offset=CHUNK, file=SimpleUploadedFile("upload", PICTURE))
    send(upload, CHUNK)
    assert_is_the_only_photo(upload, member, stored)


@pytest.mark.parametrize(("size", "code"), [(0, "empty"), (2 * 1024**3, "too_large")])
def test_a_file_of_a_wrong_size_is_refused_before_it_is_sent(
    member: Person, album: Album, size: int, code: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        begin_upload(album=album, user=member.user, name="a.jpg", size=size)
    assert refused.value.code == code


def test_the_number_of_unfinished_uploads_is_limited(
    owner: Person, member: Person, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resumable, "MAX_UNFINISHED", 2)
    first, _ = begin(member, album), begin(member, album)
    with pytest.raises(TooManyUploads):
        begin(member, album)
    begin(owner, album)
    send(first, 0)
    begin(member, album, sha256=SHA256)
    begin(member, album)


def test_the_number_of_chunks_is_limited(member: Person, album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resumable, "MAX_CHUNKS", 2)
    upload = send(send(begin(member, album), 0, 70), 70, 71)
    with pytest.raises(FileRefused, match="pieces"):
        send(upload, 71, 72)
    assert not ResumableUpload.objects.exists()


def test_who_is_no_member_any_more_adds_nothing(
    member: Person, album: Album, stored: Callable[..., list[str]]
) -> None:
    upload = send(begin(member, album), 0, CHUNK)
    uninvite_phones(album=album, phones=[member.phone])
    with pytest.raises(Album.DoesNotExist):
        send(upload, CHUNK)
    with pytest.raises(Album.DoesNotExist):
        begin(member, album, sha256=SHA256)
    assert not Photo.objects.exists()


def test_nothing_is_added_to_a_deleted_album(member: Person, album: Album) -> None:
    upload = begin(member, album)
    delete_album(album=album)
    with pytest.raises(Album.DoesNotExist):
        send(upload, 0)
    assert not Photo.objects.exists()


def test_what_the_owner_has_deleted_from_the_album_is_refused_before_it_is_sent(
    owner: Person, member: Person, album: Album
) -> None:
    send(begin(member, album), 0)
    photo = Photo.objects.get()
    trash_photo(photo=photo, by=owner.user)
    with pytest.raises(PictureRemoved):
        begin(member, album, sha256=SHA256)
    upload = begin(member, album)
    with pytest.raises(PictureRemoved):
        send_all(upload)
    assert not ResumableUpload.objects.filter(pk=upload.pk).exists()


def test_an_unreachable_storage_leaves_the_upload_as_it_was(
    member: Person, album: Album, stored: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise storage.StorageUnavailable

    upload = send(begin(member, album), 0, CHUNK)
    for end in (2 * CHUNK, None):
        with monkeypatch.context() as patched:
            patched.setattr(storage, "save", refuse)
            with pytest.raises(storage.StorageUnavailable):
                send(upload, CHUNK, end)
    send(upload, CHUNK)
    assert_is_the_only_photo(upload, member, stored)


@pytest.mark.parametrize("how", ["expired", "abandoned", "album erased", "user deleted"])
def test_nothing_stays_of_an_upload_that_has_ended(
    owner: Person, member: Person, album: Album, stored: Callable[..., list[str]], how: str
) -> None:
    upload = send(begin(member, album), 0, CHUNK)
    assert len(stored("chunks")) == 1
    delete_expired_uploads()
    remove_dropped_files()
    assert len(stored("chunks")) == 1
    if how == "abandoned":
        abandon_upload(upload=upload)
    elif how == "album erased":
        album.delete()
    elif how == "user deleted":
        member.user.delete()
    with time_machine.travel(timezone.now() + timedelta(hours=26 if how == "expired" else 0)):
        assert delete_expired_uploads() == (how == "expired")
        remove_dropped_files()
    assert (ResumableUpload.objects.count(), UploadedChunk.objects.count(), stored()) == (0, 0, [])
    assert not FileToRemove.objects.exists()


def test_the_same_in_a_bucket(member: Person, album: Album, bucket: str) -> None:
    upload = send_all(begin(member, album, sha256=SHA256))
    photo = Photo.objects.get()
    assert upload.photo_id == photo.pk
    assert storage.read(photo.original.key) == PICTURE
    remove_dropped_files()
    keys = [item.key for item in storage.default_storage.bucket.objects.all()]  # type: ignore[attr-defined]
    assert [key for key in keys if not key.startswith("renditions/")] == [photo.original.key]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\Users\\me\\a.jpg", "a.jpg"),
        ("a\0b\n.jpg", "ab.jpg"),
        ("x" * 400, "x" * 255),
        ("..", ".."),
        ("", ""),
        ("<script>.png", "<script>.png"),
    ],
)
def test_a_name_is_only_a_name(member: Person, album: Album, name: str, kept: str) -> None:
    upload = begin_upload(album=album, user=member.user, name=name, size=len(PICTURE))
    assert upload.name == kept
    send_all(upload)
    photo = Photo.objects.get()
    assert photo.original.key == storage.upload_key(photo.original.pk, ".png")


def test_a_chunk_costs_as_many_queries_as_the_first_one(member: Person, album: Album) -> None:
    upload = begin(member, album)
    costs = []
    for start in range(0, 200, 10):
        with CaptureQueriesContext(connection) as queries:
            upload = send(upload, start, start + 10)
        costs.append(len(queries))
    assert len(set(costs)) == 1
    assert costs[0] <= 14
