"""A database for one measurement."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from django.test.utils import setup_test_environment, teardown_test_environment


@contextmanager
def fresh_database() -> Iterator[None]:
    """A migrated database, beside that of `DATABASE_URL` or in a temporary SQLite file; dropped in the end."""
    setup_test_environment(debug=False)
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = f"{settings.DATA_DIR}/bench.sqlite3"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db("", verbosity=0)
        teardown_test_environment()
