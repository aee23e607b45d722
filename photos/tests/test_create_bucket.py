import secrets

import boto3
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from photos import storage
from photos.management.commands import create_bucket


@pytest.fixture
def configured(settings: Settings, bucket: str) -> str:
    """The name of a bucket that is configured and not there."""
    name = f"new-{secrets.token_hex(4)}"
    options = settings.STORAGES["default"]["OPTIONS"]
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {**options, "bucket_name": name}},
    }
    settings.AWS_STORAGE_BUCKET_NAME = name
    return name


def test_the_bucket_is_created_once(configured: str, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_bucket")
    call_command("create_bucket")
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"The bucket {configured} was created.", f"The bucket {configured} exists already."]
    storage.save("a.txt", b"a")
    assert storage.read("a.txt") == b"a"


def test_without_a_configured_bucket_it_says_so(settings: Settings) -> None:
    settings.AWS_STORAGE_BUCKET_NAME = ""
    with pytest.raises(CommandError, match="names no bucket"):
        call_command("create_bucket")


def test_the_command_waits_for_a_storage_that_is_still_starting(
    configured: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    create, errors = (
        create_bucket.create_bucket,
        iter([storage.StorageUnavailable(), storage.StorageUnavailable()]),
    )

    def starting() -> bool:
        if error := next(errors, None):
            raise error
        return create()

    monkeypatch.setattr(create_bucket, "create_bucket", starting)
    monkeypatch.setattr(create_bucket.time, "sleep", lambda _: None)
    call_command("create_bucket")
    assert "was created" in capsys.readouterr().out


def test_an_unreachable_storage_is_an_error(configured: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(**_: object) -> None:
        raise boto3.exceptions.botocore.exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    monkeypatch.setattr(create_bucket, "TIMEOUT_SECONDS", 0)
    monkeypatch.setattr(create_bucket.time, "sleep", lambda _: None)
    with storage._bucket() as (client, _):
        monkeypatch.setattr(client, "head_bucket", unreachable)
    with pytest.raises(CommandError, match="could not be created"):
        call_command("create_bucket")
