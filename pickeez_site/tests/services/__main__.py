"""Runs pytest with the arguments given on PostgreSQL and Redis: `python -m pickeez_site.tests.services -q`.

With `--look` it only looks whether they are there. The run has databases and keys of its own, which are gone when it ends.
"""

import os
import secrets
import subprocess
import sys

import psycopg
from psycopg import sql

from pickeez_site.tests.services.places import DATABASE_USER, POSTGRES, REDIS, forget_keys, missing_services

ADMINISTRATION = f"postgres://{DATABASE_USER}@127.0.0.1:{POSTGRES}/postgres"


def main(arguments: list[str]) -> int:
    if lacking := missing_services():
        sys.exit(f"Not on their standard ports: {', '.join(lacking)}.")
    if arguments == ["--look"]:
        return 0
    name = f"pickeez_{secrets.token_hex(4)}"
    own = {
        "DJANGO_SETTINGS_MODULE": "pickeez_site.test_settings",
        "DATABASE_URL": f"postgres://{DATABASE_USER}@127.0.0.1:{POSTGRES}/{name}",
        "CACHE_URL": f"redis://127.0.0.1:{REDIS}/0",
        "BROKER_PREFIX": f"{name}-",
    }
    try:
        return subprocess.run(
            [sys.executable, "-m", "pytest", *arguments], env=os.environ | own, check=False
        ).returncode
    finally:
        forget_keys(f"{name}-")
        _drop_databases(f"test_{name}%")


def _drop_databases(pattern: str) -> None:
    """Those that a run left which did not come to its end."""
    with psycopg.connect(ADMINISTRATION, autocommit=True) as connection:
        left = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [pattern]).fetchall()
        for (database,) in left:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
