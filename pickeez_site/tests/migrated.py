"""A migrated SQLite file, made once: all migrations take some 15 s of CPU, and each process of a test run needs one."""

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".pytest_cache"
DATABASE = "pickeez.sqlite3"


@cache
def migrated_database() -> Path:
    """Returns a file with all migrations applied, of this run or of an earlier one with the same migrations.

    Raises `subprocess.CalledProcessError` if a migration fails.
    """
    CACHE.mkdir(exist_ok=True)
    made = CACHE / f"migrated-{_fingerprint()}.sqlite3"
    with (CACHE / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            for outdated in CACHE.glob("migrated-*.sqlite3"):
                outdated.unlink()
            _migrate(made)
    return made


def environment_of(data_dir: Path) -> dict[str, str]:
    """Returns the environment of a process of the server, with nothing of the operator's settings."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "pickeez_site.settings",
        "SECRET_KEY": "for-tests-only-" + "x" * 50,
        "DATA_DIR": str(data_dir),
    }


def _migrate(made: Path) -> None:
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        run = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(run, cwd=ROOT, env=environment_of(Path(folder)), check=True, timeout=180)
        (Path(folder) / DATABASE).rename(made)


def _fingerprint() -> str:
    """A digest of what decides the schema: our migrations, and the version of Django with its own."""
    digest = hashlib.sha256(django.__version__.encode())
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]
