"""Functions of buckets only: presigned uploads, listings, copies without downloads."""

import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.storage import default_storage
from pytest_django import Settings

from photos import storage

HOUR = timedelta(hours=1)


def put(url: str, data: bytes, content_type: str = "image/jpeg") -> int:
    request = urllib.request.Request(url, data, {"Content-Type": content_type}, method="PUT")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status


def test_a_presigned_upload_arrives_and_is_listed(bucket: str) -> None:
    assert list(storage.incoming_files()) in ([], [{}])
    assert put(storage.presigned_upload("incoming/a", seconds=HOUR), b"12345") == 200
    (page,) = storage.incoming_files()
    assert (list(page), page["incoming/a"].size) == (["incoming/a"], 5)
    assert page["incoming/a"] == storage.stat("incoming/a")


def test_key_time_type_and_size_are_part_of_what_is_signed(bucket: str) -> None:
    url = storage.presigned_upload("incoming/a", seconds=HOUR, content_type="image/png", size=5)
    query = parse_qs(urlsplit(url).query)
    assert urlsplit(url).path == f"/{bucket}/incoming/a"
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == ["3600"]
    assert set(query["X-Amz-SignedHeaders"][0].split(";")) == {"content-length", "content-type", "host"}
    plain = parse_qs(urlsplit(storage.presigned_upload("incoming/a", seconds=HOUR)).query)
    assert plain["X-Amz-SignedHeaders"] == ["host"]


def test_a_file_is_copied_with_its_true_type_and_only_if_it_is_unchanged(bucket: str) -> None:
    storage.save("incoming/a", b"first", "text/html")
    requests = []
    client = default_storage.bucket.meta.client  # type: ignore[attr-defined]
    client.meta.events.register(
        "before-call.s3.CopyObject", lambda params, **_: requests.append(params["headers"])
    )
    storage.copy_incoming("incoming/a", "originals/a", etag="0123", content_type="image/png")
    assert storage.read("originals/a") == b"first"
    assert client.head_object(Bucket=bucket, Key="originals/a")["ContentType"] == "image/png"
    assert requests[0]["x-amz-copy-source-if-match"] == "0123"  # moto ignores it, S3 does not
    with pytest.raises(FileNotFoundError):
        storage.copy_incoming("incoming/gone", "originals/b", etag="0123", content_type="image/png")


def test_first_bytes_and_pieces_of_a_file(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "CHUNK", 4)
    storage.save("a", b"0123456789")
    assert storage.first_bytes("a", 3) == b"012"
    assert storage.first_bytes("a", 64) == b"0123456789"
    assert list(storage.chunks("a")) == [b"0123", b"4567", b"89"]


def test_a_missing_file_is_distinguished_from_an_unreachable_bucket(bucket: str, settings: Settings) -> None:
    reads: list[Callable[[], object]] = [lambda: storage.first_bytes("a", 3), lambda: list(storage.chunks("a"))]
    for read in reads:
        with pytest.raises(FileNotFoundError):
            read()
    options = {**settings.STORAGES["default"]["OPTIONS"], "bucket_name": "no-such-bucket"}
    settings.STORAGES = {**settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": options}}
    reads = [lambda: list(storage.incoming_files()), lambda: storage.stat("a") or storage.first_bytes("a", 3)]
    for read in reads:
        with pytest.raises((storage.StorageUnavailable, FileNotFoundError)):
            read()


def test_a_download_carries_its_type_and_its_name(bucket: str) -> None:
    storage.save("a.zip", b"zip", "application/zip")
    url = storage.presigned_url("a.zip", content_type="application/zip", seconds=HOUR, file_name="Sömmer.zip")
    assert url
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert (answer.read(), answer.headers["Content-Type"]) == (b"zip", "application/zip")
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''S%C3%B6mmer.zip")
