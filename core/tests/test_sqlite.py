"""What was deleted from SQLite is in none of its files any more."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from core import sqlite

pytestmark = pytest.mark.django_db
SECRET = b"a-guest's-number-972522934321"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BaseDatabaseWrapper]:
    """A file with the server's own options, in which a row was written and deleted."""
    if settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
        pytest.skip("the tests run on another database")
    options = settings.DATABASES["default"]["OPTIONS"]
    handler = ConnectionHandler(
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "db", "OPTIONS": options}}
    )
    connection = handler["default"]
    monkeypatch.setattr(sqlite, "connection", connection)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, body TEXT)")
        cursor.executemany("INSERT INTO messages (body) VALUES (%s)", [[SECRET.decode()]] * 200)
        cursor.execute("DELETE FROM messages")
    yield connection
    connection.close()


def files_with_secret(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if SECRET in path.read_bytes()]


def test_an_erased_row_is_in_no_file(database: BaseDatabaseWrapper, tmp_path: Path) -> None:
    assert files_with_secret(tmp_path) == ["db-wal"], "it was in the log, and the test can see it"
    sqlite.truncate_wal(everything=False)
    assert files_with_secret(tmp_path) == []
    assert (tmp_path / "db-wal").stat().st_size == 0


def test_it_waits_for_nobody_and_comes_back(database: BaseDatabaseWrapper, tmp_path: Path) -> None:
    reader = sqlite3.connect(tmp_path / "db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM messages").fetchall()
    sqlite.truncate_wal(everything=False)
    assert (tmp_path / "db-wal").stat().st_size > 0
    with database.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        assert cursor.fetchone()[0] == 20_000, "as patient as before"
    reader.close()
    sqlite.truncate_wal(everything=False)
    assert (tmp_path / "db-wal").stat().st_size == 0


def test_a_transaction_is_left_alone(database: BaseDatabaseWrapper) -> None:
    database.set_autocommit(False)
    try:
        sqlite.truncate_wal(everything=False)
    except DatabaseError:
        pytest.fail("it disturbed a transaction")
    finally:
        database.rollback()
        database.set_autocommit(True)
