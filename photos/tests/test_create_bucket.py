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


def test_the_bucket_is_made_once(configured: str, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_bucket")
    call_command("create_bucket")
    said = capsys.readouterr().out.splitlines()
    assert said == [f"The bucket {configured} was made.", f"The bucket {configured} is there."]
    storage.save("a.txt", b"a")
    assert storage.read("a.txt") == b"a"


def test_without_a_configured_bucket_it_says_so(settings: Settings) -> None:
    settings.AWS_STORAGE_BUCKET_NAME = ""
    with pytest.raises(CommandError, match="names no bucket"):
        call_command("create_bucket")


def test_a_storage_that_is_still_starting_is_waited_for(
    configured: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    really, answers = (
        create_bucket.create_bucket,
        iter([storage.StorageUnavailable(), storage.StorageUnavailable()]),
    )

    def starting() -> bool:
        if error := next(answers, None):
            raise error
        return really()

    monkeypatch.setattr(create_bucket, "create_bucket", starting)
    monkeypatch.setattr(create_bucket.time, "sleep", lambda _: None)
    call_command("create_bucket")
    assert "was made" in capsys.readouterr().out


def test_a_storage_that_is_away_is_an_error(configured: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: object) -> None:
        raise boto3.exceptions.botocore.exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    monkeypatch.setattr(create_bucket, "TIMEOUT_SECONDS", 0)
    monkeypatch.setattr(create_bucket.time, "sleep", lambda _: None)
    with storage._bucket() as (client, _):
        monkeypatch.setattr(client, "head_bucket", away)
    with pytest.raises(CommandError, match="could not be made"):
        call_command("create_bucket")
