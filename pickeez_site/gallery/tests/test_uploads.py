"""Resumable uploads by the tus protocol: who may send what, and what is answered."""

import base64
import errno
import hashlib
import io
from uuid import uuid4

import pytest
from django.db import connection
from django.http import UnreadablePostError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from albums.models import Album, Invitation
from albums.services import delete_album, set_may_upload, uninvite_phones
from conftest import Person, committing, picture
from core.tests.answers import Answer
from photos import storage
from photos.models import Photo, ResumableUpload, UploadedChunk
from photos.services import trash_photo
from pickeez_site.gallery.tests.visitors import Visitor

pytestmark = pytest.mark.django_db

PICTURE = picture(1, size=(90, 60)).getvalue()
SHA256 = hashlib.sha256(PICTURE).hexdigest()
HALF = len(PICTURE) // 2
STREAM = "application/offset+octet-stream"


def uploads_of(album: Album) -> str:
    return reverse("gallery:uploads", args=[album.pk])


def metadata(**values: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


def request(browser: Visitor | Client, method: str, path: str, body: bytes = b"", /, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    client = browser.client if isinstance(browser, Visitor) else browser
    content_type = named.pop("Content-Type", STREAM if body else "")
    with committing():
        return client.generic(method, path, body, content_type, headers={"Tus-Resumable": "1.0.0", **named})


def create(browser: Visitor, album: Album, size: int = len(PICTURE), **values: str) -> Answer:
    headers = {"Upload_Length": str(size), "Upload_Metadata": metadata(filename="IMG 1.png", **values)}
    return request(browser, "POST", uploads_of(album), **headers)


def patch(browser: Visitor, url: str, offset: int, body: bytes, **headers: str) -> Answer:
    return request(browser, "PATCH", url, body, Upload_Offset=str(offset), Content_Type=STREAM, **headers)


def assert_refused(answer: Answer, status: int, words: str = "") -> None:
    assert answer.status_code == status, answer.content
    assert set(answer.json()) == {"error"}
    assert words in answer.json()["error"]
    assert answer["Tus-Resumable"] == "1.0.0"
    assert answer["Cache-Control"] == "no-store"


@pytest.fixture
def browser(member: Person) -> Visitor:
    return Visitor(member.user)


@pytest.fixture
def url(browser: Visitor, album: Album) -> str:
    return create(browser, album)["Location"]


def test_the_server_says_what_it_speaks(browser: Visitor, album: Album) -> None:
    answer = browser.client.options(uploads_of(album))
    assert (answer.status_code, answer["Tus-Version"], answer["Tus-Resumable"]) == (204, "1.0.0", "1.0.0")
    assert answer["Tus-Extension"] == "creation,creation-with-upload,expiration,checksum,termination"
    assert (answer["Tus-Max-Size"], answer["Tus-Checksum-Algorithm"]) == (str(100 * 1024 * 1024), "sha256,sha1")


def test_a_file_is_created_sent_in_two_parts_and_is_a_photo(
    browser: Visitor, member: Person, album: Album
) -> None:
    created = create(browser, album)
    url = created["Location"]
    assert (created.status_code, created["Upload-Offset"], url.startswith(uploads_of(album))) == (201, "0", True)
    assert created["Upload-Expires"].endswith("GMT")
    first = patch(browser, url, 0, PICTURE[:HALF])
    assert (first.status_code, first["Upload-Offset"], first.content) == (204, str(HALF), b"")
    head = request(browser, "HEAD", url)
    assert (head.status_code, head["Upload-Offset"], head["Upload-Length"]) == (200, str(HALF), str(len(PICTURE)))
    assert head["Cache-Control"] == "no-store"
    last = patch(browser, url, HALF, PICTURE[HALF:])
    photo = Photo.objects.get()
    assert (last.status_code, last["Upload-Offset"], last["Photo-Id"]) == (204, str(len(PICTURE)), str(photo.pk))
    assert (photo.uploader, photo.album, photo.sort_order) == (member.user, album, "IMG 1")
    assert storage.read(photo.original.key) == PICTURE
    again = request(browser, "HEAD", url)
    assert (again["Upload-Offset"], again["Photo-Id"]) == (str(len(PICTURE)), str(photo.pk))


def test_a_small_file_needs_one_request_which_may_be_repeated(browser: Visitor, album: Album) -> None:
    for _ in range(2):
        answer = request(browser, "POST", uploads_of(album), PICTURE, Upload_Length=str(len(PICTURE)))
        assert (answer.status_code, answer["Upload-Offset"]) == (201, str(len(PICTURE)))
    assert Photo.objects.count() == 1


@pytest.mark.parametrize("offset", [0, 1, HALF + 1, len(PICTURE)])
def test_another_offset_is_a_conflict_and_the_right_one_is_told(browser: Visitor, url: str, offset: int) -> None:
    patch(browser, url, 0, PICTURE[:HALF])
    answer = patch(browser, url, offset, b"x")
    assert_refused(answer, 409)
    assert answer["Upload-Offset"] == str(HALF)
    assert patch(browser, url, HALF, PICTURE[HALF:]).status_code == 204


def test_a_connection_that_is_cut_in_a_part_loses_nothing_of_what_came(
    browser: Visitor, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cut(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            piece = super().read(size)
            if not piece:
                raise UnreadablePostError
            return piece

    with monkeypatch.context() as patched, committing():
        patched.setattr("django.core.handlers.wsgi.LimitedStream", lambda *_: Cut(PICTURE[:HALF]))
        browser.client.generic(
            *("PATCH", url, PICTURE, STREAM), headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
        )
    assert request(browser, "HEAD", url)["Upload-Offset"] == str(HALF)
    assert "Photo-Id" in patch(browser, url, HALF, PICTURE[HALF:])


def test_known_content_is_not_sent_again_and_only_to_who_has_it(
    browser: Visitor, owner: Person, album: Album, url: str
) -> None:
    patch(browser, url, 0, PICTURE)
    photo = Photo.objects.get()
    again = create(browser, album, sha256=SHA256.upper())
    assert (again.status_code, again["Upload-Offset"], again["Photo-Id"]) == (
        201,
        str(len(PICTURE)),
        str(photo.pk),
    )
    others = create(Visitor(owner.user), album, sha256=SHA256)
    assert (others["Upload-Offset"], others.headers.get("Photo-Id")) == ("0", None)


def test_a_file_that_is_not_the_announced_one_is_refused(browser: Visitor, album: Album) -> None:
    url = create(browser, album, sha256="0" * 64)["Location"]
    assert_refused(patch(browser, url, 0, PICTURE), 460, "did not arrive as it was sent")
    assert request(browser, "HEAD", url).status_code == 404


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_part_with_a_wrong_checksum_changes_nothing(browser: Visitor, url: str, algorithm: str) -> None:
    def checksum(content: bytes) -> str:
        return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"

    assert_refused(patch(browser, url, 0, PICTURE, Upload_Checksum=checksum(b"other")), 460)
    assert request(browser, "HEAD", url)["Upload-Offset"] == "0"
    assert patch(browser, url, 0, PICTURE, Upload_Checksum=checksum(PICTURE)).status_code == 204
    assert_refused(patch(browser, url, 0, PICTURE, Upload_Checksum="crc32 AAAA"), 400)


def test_what_is_no_picture_is_refused_with_its_first_part(browser: Visitor, url: str) -> None:
    assert_refused(patch(browser, url, 0, b"Just text. " * 20), 415, "not a picture")
    assert (ResumableUpload.objects.count(), Photo.objects.count()) == (0, 0)


@pytest.mark.parametrize(("size", "status"), [(2 * 1024**3, 413), (100 * 1024 * 1024 + 1, 413), (0, 400)])
def test_a_size_that_no_picture_has_is_refused_before_the_file_is_sent(
    browser: Visitor, album: Album, size: int, status: int
) -> None:
    assert_refused(create(browser, album, size), status)
    assert not ResumableUpload.objects.exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Upload_Length": "-1"}, 400),
        ({"Upload_Length": "ten"}, 400),
        ({"Upload_Length": "9" * 30}, 400),
        ({"Upload_Length": "5", "Upload_Metadata": "filename %%%"}, 400),
        ({"Upload_Length": "5", "Upload_Metadata": "filename /w=="}, 400),
        ({"Upload_Length": "5", "Upload_Metadata": metadata(sha256="short")}, 400),
        ({"Upload_Length": "5", "Tus_Resumable": "0.2.2"}, 412),
        ({"Upload_Length": "5", "Tus_Resumable": ""}, 412),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(
    browser: Visitor, album: Album, headers: dict[str, str], status: int
) -> None:
    answer = request(browser, "POST", uploads_of(album), **headers)
    assert_refused(answer, status)
    assert (answer.headers.get("Tus-Version") == "1.0.0") == (status == 412)
    assert not ResumableUpload.objects.exists()


def test_a_part_needs_its_type_its_offset_and_no_more_bytes_than_were_announced(
    browser: Visitor, url: str
) -> None:
    assert_refused(request(browser, "PATCH", url, PICTURE, Upload_Offset="0", Content_Type="text/plain"), 415)
    assert_refused(request(browser, "PATCH", url, PICTURE, Content_Type=STREAM), 400, "Upload-Offset")
    assert_refused(patch(browser, url, 0, PICTURE + b"x"), 413)
    assert request(browser, "PUT", url, PICTURE).status_code == 405
    assert patch(browser, url, 0, PICTURE).status_code == 204


def test_a_proxy_that_knows_no_patch_is_passed_by_a_header(browser: Visitor, url: str) -> None:
    headers = {"Upload_Offset": "0", "X_HTTP_Method_Override": "PATCH"}
    assert request(browser, "POST", url, PICTURE, **headers).status_code == 204
    assert Photo.objects.count() == 1


def test_an_upload_can_be_ended(browser: Visitor, url: str) -> None:
    patch(browser, url, 0, PICTURE[:HALF])
    assert request(browser, "DELETE", url).status_code == 204
    assert request(browser, "HEAD", url).status_code == 404
    assert not UploadedChunk.objects.exists()


def test_an_upload_is_of_who_has_begun_it_and_of_its_album(
    browser: Visitor, owner: Person, member: Person, stranger: Person, album: Album, url: str
) -> None:
    other = Album.objects.create(owner=member.user)
    elsewhere = url.replace(str(album.pk), str(other.pk))
    unknown = reverse("gallery:upload", args=[album.pk, uuid4()])
    for who, path in ((owner, url), (stranger, url), (member, elsewhere), (member, unknown)):
        for method in ("HEAD", "PATCH", "DELETE"):
            answer = request(Visitor(who.user), method, path, PICTURE, Upload_Offset="0", Content_Type=STREAM)
            assert answer.status_code == 404
    assert_refused(create(Visitor(stranger.user), album), 404)
    assert create(Visitor(owner.user), album).status_code == 201
    nobody = request(Client(), "POST", uploads_of(album), Upload_Length="5")
    assert_refused(nobody, 401, "sign in again")
    assert_refused(request(Client(), "PATCH", url, PICTURE, Upload_Offset="0"), 401)
    assert patch(browser, url, 0, PICTURE).status_code == 204


def test_who_signs_in_again_goes_on(browser: Visitor, member: Person, url: str) -> None:
    patch(browser, url, 0, PICTURE[:HALF])
    browser.client.logout()
    assert_refused(patch(browser, url, HALF, PICTURE[HALF:]), 401)
    browser.client.force_login(member.user)
    assert patch(browser, url, HALF, PICTURE[HALF:]).status_code == 204


@pytest.mark.parametrize("what", ["removed", "deleted"])
def test_an_album_that_is_lost_in_the_middle_takes_nothing_more(
    browser: Visitor, member: Person, album: Album, url: str, what: str
) -> None:
    patch(browser, url, 0, PICTURE[:HALF])
    if what == "removed":
        uninvite_phones(album=album, phones=[member.phone])
    else:
        delete_album(album=album)
    assert_refused(patch(browser, url, HALF, PICTURE[HALF:]), 404)
    assert_refused(create(browser, album), 404)
    assert not Photo.objects.exists()


def test_a_picture_that_the_owner_has_deleted_is_refused_in_words(
    browser: Visitor, owner: Person, album: Album, url: str
) -> None:
    patch(browser, url, 0, PICTURE)
    trash_photo(photo=Photo.objects.get(), by=owner.user)
    assert_refused(create(browser, album, sha256=SHA256), 403, "deleted from the album")


def test_who_may_only_look_sends_nothing(browser: Visitor, album: Album, url: str) -> None:
    set_may_upload(invitation=Invitation.objects.get(album=album), may_upload=False)
    assert_refused(create(browser, album), 403, "You may look at this album")
    assert_refused(patch(browser, url, 0, PICTURE), 403, "You may look at this album")
    assert not Photo.objects.exists()
    set_may_upload(invitation=Invitation.objects.get(album=album), may_upload=True)
    assert patch(browser, url, 0, PICTURE).status_code == 204


def test_too_many_uploads_are_refused_in_words(
    browser: Visitor, album: Album, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photos.services.resumable.MAX_UNFINISHED", 1)
    assert_refused(create(browser, album), 429, "Too many uploads")


@pytest.mark.parametrize(("error", "status"), [(errno.ENOSPC, 507), (errno.EDQUOT, 507), (errno.EIO, 503)])
@pytest.mark.parametrize(
    "where",
    [
        "django.core.files.storage.FileSystemStorage.save",
        "django.core.files.uploadedfile.TemporaryUploadedFile.flush",
    ],
)
def test_a_full_disk_and_a_failing_one_are_told_apart_and_nothing_is_lost(
    browser: Visitor, url: str, monkeypatch: pytest.MonkeyPatch, error: int, status: int, where: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(error, "the disk")

    patch(browser, url, 0, PICTURE[:HALF])
    with monkeypatch.context() as patched:
        patched.setattr(where, fail, raising=False)
        answer = patch(browser, url, HALF, PICTURE[HALF:])
        assert_refused(answer, status)
        assert ("Retry-After" in answer) == (status == 503)
    assert patch(browser, url, HALF, PICTURE[HALF:]).status_code == 204


def test_nothing_is_changed_without_the_token_of_the_page(member: Person, album: Album, url: str) -> None:
    other = Visitor(member.user, csrf=True)
    assert create(other, album).status_code == 403
    for method in ("PATCH", "DELETE"):
        answer = request(other, method, url, PICTURE, Upload_Offset="0", Content_Type=STREAM)
        assert (answer.status_code, "Tus-Resumable" in answer) == (403, False)
    other.client.get(reverse("gallery:add", args=[album.pk]))
    token = other.client.cookies["csrftoken"].value
    assert patch(other, url, 0, PICTURE, X_CSRFToken=token).status_code == 204


def test_a_request_costs_few_queries_however_many_uploads_there_are(browser: Visitor, album: Album) -> None:
    costs = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            url = create(browser, album)["Location"]
            request(browser, "HEAD", url)
            patch(browser, url, 0, PICTURE[:HALF])
        costs.append(len(queries))
    assert costs[1] == costs[2] <= 32
