from datetime import timedelta

import pytest
import time_machine
from django.http.response import HttpResponseNotModified
from django.utils import timezone
from pytest_django import Settings

from albums.models import Album
from albums.services import delete_album, invite_phones, uninvite_phones
from conftest import Caller, MakePicture, Person
from core.tests.answers import Answer, Json
from photos import storage
from photos.models import Original, Photo
from photos.services import trash_photo
from photos.tests.builders import place_photo


@pytest.fixture
def fields(owner: Person, album: Album, make_picture: MakePicture) -> dict[str, Json]:
    """The owner's uploaded photo, as the API returns it."""
    answer = owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)})
    return owner.get(f"/photos/{answer.json()['_id']}").json()


@pytest.fixture
def url(fields: dict[str, Json]) -> str:
    return path_of(fields["renditions"]["small"]["url"])


@pytest.fixture
def original_url(fields: dict[str, Json]) -> str:
    return path_of(fields["url"])


def path_of(url: str) -> str:
    return url.removeprefix("http://testserver")


def fetch(
    nobody: Caller, path: str, method: str = "get", **headers: str
) -> tuple[Answer | HttpResponseNotModified, bytes]:
    """The answer and its whole body."""
    answer = getattr(nobody.client, method)(path, headers=headers)
    return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content


def status(nobody: Caller, path: str) -> int:
    return fetch(nobody, path)[0].status_code


def test_the_original_is_served_as_it_was_uploaded(
    nobody: Caller, original_url: str, make_picture: MakePicture
) -> None:
    answer, body = fetch(nobody, original_url)
    assert body == make_picture(0).read()
    assert (answer["Content-Type"], answer["Content-Length"]) == ("image/png", str(len(body)))


def test_every_rendition_is_a_jpeg_of_the_size_that_was_told(nobody: Caller, fields: dict[str, Json]) -> None:
    for rendition in fields["renditions"].values():
        answer, body = fetch(nobody, path_of(rendition["url"]))
        assert (answer.status_code, answer["Content-Type"], body[:3]) == (200, "image/jpeg", b"\xff\xd8\xff")


def test_browsers_do_not_guess_and_run_nothing(nobody: Caller, url: str, original_url: str) -> None:
    for path in (url, original_url):
        answer, _ = fetch(nobody, path)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["Cache-Control"].startswith("private")
        assert "Set-Cookie" not in answer


def test_the_type_is_by_content_and_not_by_name(
    owner: Person, nobody: Caller, album: Album, make_picture: MakePicture
) -> None:
    file = make_picture(0, form="JPEG")
    file.name = "page.html"
    photo = owner.post("/photos/", {"album_id": album.pk, "file": file}).json()["_id"]
    path = path_of(owner.get(f"/photos/{photo}").json()["url"])
    assert path.endswith(".jpg")
    assert fetch(nobody, path)[0]["Content-Type"] == "image/jpeg"


def test_what_is_no_picture_is_only_given_for_saving(owner: Person, nobody: Caller, album: Album) -> None:
    storage.save("camera/page.html", b"<script>alert(1)</script>")
    photo = owner.post("/photos/", {"album_id": album.pk, "s3_path": "camera/page.html"}).json()["_id"]
    answer, _ = fetch(nobody, path_of(owner.get(f"/photos/{photo}").json()["url"]))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")


def test_it_is_not_sent_again_to_who_has_it(nobody: Caller, url: str) -> None:
    first, body = fetch(nobody, url)
    again, nothing = fetch(nobody, url, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, nothing, again["ETag"]) == (304, b"", first["ETag"])
    other, whole = fetch(nobody, url, **{"If-None-Match": '"other"'})
    assert (other.status_code, whole) == (200, body)


def test_head_is_answered_without_the_body(nobody: Caller, url: str) -> None:
    answer, body = fetch(nobody, url, "head")
    whole, content = fetch(nobody, url)
    assert (answer.status_code, body) == (200, b"")
    assert (answer["Content-Type"], answer["Content-Length"]) == (whole["Content-Type"], str(len(content)))


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_is_only_for_looking(nobody: Caller, url: str, method: str) -> None:
    nobody.client.handler.enforce_csrf_checks = True  # as for real clients, which have no cookie of ours
    assert getattr(nobody.client, method)(url).status_code == 405


def test_urls_are_equal_within_a_day_so_that_clients_can_cache(
    settings: Settings, owner: Person, fields: dict[str, Json]
) -> None:
    photo = Photo.objects.get()
    span = settings.MEDIA_URL_SECONDS
    start = (int(timezone.now().timestamp()) // span + 5) * span
    urls = set()
    for moment in (start, start + span // 2, start + span - 1):
        with time_machine.travel(moment, tick=False):
            urls.add(owner.get(f"/photos/{photo.pk}").json()["url"])
    assert len(urls) == 1
    with time_machine.travel(start + span, tick=False):
        assert owner.get(f"/photos/{photo.pk}").json()["url"] not in urls


def test_a_url_works_for_one_to_two_days(settings: Settings, nobody: Caller, url: str) -> None:
    for days, expected in [(0, 200), (1, 200), (2.01, 404)]:
        with time_machine.travel(timezone.now() + timedelta(seconds=days * settings.MEDIA_URL_SECONDS)):
            assert status(nobody, url) == expected


def forgeries(url: str) -> list[str]:
    folder, photo, kind, last = url.rsplit("/", 3)
    expires, signature = last.split("-", 1)
    signature, extension = signature.rsplit(".", 1)
    other = signature[:-1] + ("A" if signature[-1] != "A" else "B")
    return [
        f"{folder}/{photo}/{kind}/{int(expires) + 86400}-{signature}.{extension}",
        f"{folder}/{photo}/{kind}/{expires}-{other}.{extension}",
        f"{folder}/{photo}/{kind}/{expires}-{'A' * 24}.{extension}",
        f"{folder}/{photo}/{kind}/{expires}-.{extension}",
        f"{folder}/{photo}/original/{expires}-{signature}.{extension}",
        f"{folder}/{photo}/square/{expires}-{signature}.{extension}",
        f"{folder}/{'0' * 8}-{photo[9:]}/{kind}/{expires}-{signature}.{extension}",
        f"{folder}/{photo}/{kind}/{'9' * 12}-{signature}.{extension}",
        f"{folder}/{photo}/{kind}/",
        f"{folder}/{photo}/{kind}/{last}/../../../original/{last}",
        f"{folder}/../secret_key",
    ]


def test_no_forged_url_works(nobody: Caller, url: str) -> None:
    assert {path: status(nobody, path) for path in forgeries(url)} == dict.fromkeys(forgeries(url), 404)


def test_another_servers_signature_is_worth_nothing(settings: Settings, nobody: Caller, url: str) -> None:
    settings.SECRET_KEY = "another"
    assert status(nobody, url) == 404


def test_a_refusal_tells_nothing(nobody: Caller, url: str) -> None:
    answers = [fetch(nobody, path)[1] for path in forgeries(url)[:4]]
    assert set(answers) == {b'{"msg": "Not found."}'}


@pytest.mark.parametrize("kind", ["small", "original"])
def test_a_url_dies_with_the_photo_or_the_album(
    owner: Person, nobody: Caller, album: Album, fields: dict[str, Json], kind: str
) -> None:
    path = path_of(fields["url"] if kind == "original" else fields["renditions"][kind]["url"])
    assert status(nobody, path) == 200
    photo = Photo.objects.get()
    trash_photo(photo=photo)
    assert status(nobody, path) == 404
    Photo.objects.update(deleted_at=None)
    delete_album(album=album)
    assert status(nobody, path) == 404


def test_a_url_dies_with_its_uploader_and_comes_back_with_them(
    member: Person, nobody: Caller, album: Album, make_picture: MakePicture
) -> None:
    photo = member.post("/photos/", {"album_id": album.pk, "file": make_picture(0)}).json()["_id"]
    path = path_of(member.get(f"/photos/{photo}").json()["url"])
    uninvite_phones(album=album, phones=[member.phone])
    assert status(nobody, path) == 404
    invite_phones(album=album, phones=[member.phone])
    assert status(nobody, path) == 200


def test_a_url_of_a_file_that_is_gone_is_not_found(
    owner: Person, nobody: Caller, fields: dict[str, Json], url: str, original_url: str
) -> None:
    storage.remove(Original.objects.get().key)
    assert (status(nobody, original_url), status(nobody, url)) == (404, 200)


def test_a_photo_that_is_not_ready_has_no_rendition(
    owner: Person, nobody: Caller, album: Album, fields: dict[str, Json]
) -> None:
    waiting = place_photo(album, owner.user, status="new")
    forged = path_of(fields["renditions"]["small"]["url"]).replace(fields["_id"], str(waiting.pk))
    assert status(nobody, forged) == 404
    assert owner.get(f"/photos/{waiting.pk}").json()["renditions"] == {}


def test_a_storage_that_is_away_is_an_outage_and_no_missing_file(
    nobody: Caller, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(key: str) -> None:
        raise storage.StorageUnavailable

    monkeypatch.setattr(storage, "open_file", away)
    answer, body = fetch(nobody, url)
    assert answer.status_code == 503
    assert b"Error" not in body


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=10-19", 10, 19), ("bytes=10-", 10, -1), ("bytes=-10", -10, -1)],
)
def test_a_part_is_served_to_whoever_asks_for_one(
    nobody: Caller, original_url: str, asked: str, first: int, last: int
) -> None:
    whole = fetch(nobody, original_url)[1]
    start, end = (place % len(whole) for place in (first, last))
    answer, body = fetch(nobody, original_url, Range=asked)
    assert (answer.status_code, body) == (206, whole[start : end + 1])
    assert answer["Content-Range"] == f"bytes {start}-{end}/{len(whole)}"
    assert (answer["Content-Length"], answer["Content-Type"]) == (str(len(body)), "image/png")
    assert answer["Accept-Ranges"] == "bytes"


def test_a_part_longer_than_the_file_ends_with_it(nobody: Caller, original_url: str) -> None:
    whole = fetch(nobody, original_url)[1]
    assert fetch(nobody, original_url, Range="bytes=5-99999999999999999")[1] == whole[5:]
    assert fetch(nobody, original_url, Range="bytes=-99999999999")[1] == whole


@pytest.mark.parametrize("asked", ["bytes=999999-", "bytes=999999-9999999", "bytes=-0"])
def test_a_part_that_there_is_not_is_a_416(nobody: Caller, original_url: str, asked: str) -> None:
    size = len(fetch(nobody, original_url)[1])
    answer, body = fetch(nobody, original_url, Range=asked)
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{size}")
    assert (b"PNG" in body, answer["Cache-Control"]) == (False, "no-store")


@pytest.mark.parametrize(
    "asked",
    ["", "bytes", "bytes=", "bytes=-", "bytes=9-5", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4", "bytes=1-2x"],
)
def test_what_is_no_single_range_is_answered_with_all(nobody: Caller, original_url: str, asked: str) -> None:
    answer, body = fetch(nobody, original_url, Range=asked)
    assert (answer.status_code, body) == (200, fetch(nobody, original_url)[1])


def test_a_part_of_another_version_is_not_served(nobody: Caller, original_url: str) -> None:
    whole, _ = fetch(nobody, original_url)
    etag = whole["ETag"]
    for if_range, status_code in [(etag, 206), ('"another"', 200), (f"W/{etag}", 200), ("Mon, 30 Nov 2026", 200)]:
        headers = {"Range": "bytes=3-", "If-Range": if_range}
        assert fetch(nobody, original_url, **headers)[0].status_code == status_code


def test_a_head_and_what_the_client_has_already_are_no_parts(nobody: Caller, original_url: str) -> None:
    answer, _ = fetch(nobody, original_url, "head", Range="bytes=3-5")
    assert (answer.status_code, answer["Accept-Ranges"]) == (200, "bytes")
    known = {"Range": "bytes=3-5", "If-None-Match": answer["ETag"]}
    assert fetch(nobody, original_url, **known)[0].status_code == 304


def test_behind_nginx_the_file_is_named_and_not_sent(
    nobody: Caller, original_url: str, settings: Settings
) -> None:
    settings.X_ACCEL_PREFIX = "/stored"
    answer = nobody.get(original_url, headers={"Range": "bytes=0-3"})
    named = answer["X-Accel-Redirect"].removeprefix("/stored/")
    assert (answer.status_code, answer.content) == (200, b"")
    assert storage.stat(named)
    assert answer["Content-Type"] == "image/png"
