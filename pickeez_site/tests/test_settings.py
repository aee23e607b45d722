"""A wrong value stops the start and names its variable. Every case starts a new process."""

import ast
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Loads the settings with only these environment variables, and prints one setting."""

    def run(printed: str = "DEBUG", **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **variables}
        code = f"from pickeez_site import settings; print(settings.{printed})"
        return subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )

    return run


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "maybe"),
        ("PORT", "eighty"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "x" * 60),
        ("UMASK", "rw"),
        ("HSTS_PRELOAD", "perhaps"),
        ("PUBLIC_URL", "example.org"),
        ("ALBUM_PROCESSOR", "both"),
        ("TRUSTED_PROXIES", "10.0.0.0/99"),
        ("SMS_BACKEND", "console"),
        ("AWS_S3_ENDPOINT_URL", "minio:9000"),
    ],
)
def test_a_wrong_value_stops_the_start_and_names_the_variable(
    start: Callable[..., subprocess.CompletedProcess[str]], name: str, value: str
) -> None:
    started = start(**{name: value})
    assert started.returncode != 0
    assert f"ImproperlyConfigured: The environment variable {name} must be" in started.stderr


def test_without_any_variable_it_starts_safely(start: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    started = start("DEBUG, settings.HOST, settings.ALGO_PASSWORD, settings.ALBUM_PROCESSOR")
    assert started.returncode == 0, started.stderr
    assert started.stdout.strip() == "False 127.0.0.1  builtin"


def test_a_secret_key_is_made_once_and_kept_from_others(
    start: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    first, second = (start("SECRET_KEY").stdout.strip() for _ in range(2))
    assert first == second
    assert len(first) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_configured_secret_key_is_taken_and_none_is_made(
    start: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    configured = "configured-" + "by-the-operator" * 2
    assert start("SECRET_KEY", SECRET_KEY=configured).stdout.strip() == configured
    assert not (tmp_path / "secret_key").exists()


def test_a_stored_secret_key_that_was_cut_stops_the_start(
    start: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "secret_key").write_text("cut")
    assert "secret_key in DATA_DIR is too short" in start().stderr


def test_what_the_server_writes_is_read_by_nobody_else(
    start: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    assert start(DATA_DIR=str(folder)).returncode == 0
    assert folder.stat().st_mode & 0o777 == 0o700
    modes = "FILE_UPLOAD_PERMISSIONS, settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS"
    assert start(modes).stdout.split() == [str(0o600), str(0o700)]
    assert start(modes, UMASK="027").stdout.split() == [str(0o640), str(0o750)]


@pytest.mark.parametrize(("wish", "preload"), [("", "False False"), ("true", "True True")])
def test_a_domain_is_preloaded_only_on_wish(
    start: Callable[..., subprocess.CompletedProcess[str]], wish: str, preload: str
) -> None:
    hsts = "SECURE_HSTS_PRELOAD, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS"
    started = start(hsts, PUBLIC_URL="https://photos.example", HSTS_PRELOAD=wish)
    assert started.stdout.strip() == preload, started.stderr


def test_a_bucket_makes_files_go_there(start: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    started = start('STORAGES["default"]["BACKEND"]', AWS_STORAGE_BUCKET_NAME="our-bucket")
    assert started.stdout.strip() == "storages.backends.s3.S3Storage"


def test_https_makes_cookies_secure(start: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    started = start("SESSION_COOKIE_SECURE, settings.SECURE_SSL_REDIRECT", PUBLIC_URL="https://example.org")
    assert started.stdout.strip() == "True True"


@pytest.mark.parametrize(("query", "connecting"), [("", 3), ("?connect_timeout=7&sslmode=disable", 7)])
def test_a_database_whose_machine_is_gone_is_noticed_soon_unless_its_url_says_else(
    start: Callable[..., subprocess.CompletedProcess[str]], query: str, connecting: int
) -> None:
    started = start("DATABASES['default']['OPTIONS']", DATABASE_URL=f"postgres://127.0.0.1:1/none{query}")
    options = ast.literal_eval(started.stdout)
    probed = options["keepalives_idle"] + options["keepalives_interval"] * options["keepalives_count"]
    assert (options["connect_timeout"], "sslmode" in options) == (connecting, bool(query))
    assert max(probed, options["tcp_user_timeout"] / 1000) <= 10


def test_a_database_that_takes_connections_and_says_nothing_is_given_up(
    start: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"postgres://127.0.0.1:{mute.getsockname()[1]}/none"
        options = ast.literal_eval(start("DATABASES['default']['OPTIONS']", DATABASE_URL=url).stdout)
        with pytest.raises(psycopg.OperationalError, match="timeout"):
            psycopg.connect(url, **options)
