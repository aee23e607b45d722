"""Runs pytest with the arguments given on PostgreSQL and Redis: `python -m pickeez_site.tests.services -q`.

With `--check` it only checks whether they answer. The run has its own databases and keys, which are deleted when it ends.
"""

import os
import secrets
import subprocess
import sys

import psycopg
from psycopg import sql

from pickeez_site.tests.services.deployments import DATABASE_USER, POSTGRES, REDIS, delete_keys, missing_services

ADMINISTRATION = f"postgres://{DATABASE_USER}@127.0.0.1:{POSTGRES}/postgres"


def main(arguments: list[str]) -> int:
    if missing := missing_services():
        sys.exit(f"Not on their standard ports: {', '.join(missing)}.")
    if arguments == ["--check"]:
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
        delete_keys(f"{name}-")
        _drop_databases(f"test_{name}%")


def _drop_databases(pattern: str) -> None:
    """Drops the databases that an interrupted run has left."""
    with psycopg.connect(ADMINISTRATION, autocommit=True) as connection:
        left = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [pattern]).fetchall()
        for (database,) in left:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
