"""Starts real processes for tests: web, worker and scheduler, with their own folder and port."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import psutil
import psycopg
import requests

from pickeez_site.tests.migrated import DATABASE, ROOT, environment_of, migrated_database

BIN = Path(sys.executable).parent
COMMANDS = {
    "web": ["gunicorn", "--config", "pickeez_site/serving/gunicorn.conf.py"],
    "worker": [
        *("celery", "--quiet", "--app", "pickeez_site", "worker"),
        *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
    ],
    "scheduler": ["celery", "--quiet", "--app", "pickeez_site", "beat", "--pidfile="],
}
WAIT_SECONDS = 60


class Stack:
    """Starts processes and stops them again. Each writes its own log in `data_dir`.

    There may be several of a kind: `worker-1`, `worker-2`. `concurrency` is the number of a worker's processes.
    """

    def __init__(self, data_dir: Path, concurrency: int = 2, /, **settings: str) -> None:
        self.data_dir = data_dir
        self.concurrency = concurrency
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._processes: dict[str, subprocess.Popen] = {}
        self.environment = {
            **environment_of(data_dir),
            "PORT": str(self.port),
            "WEB_PROCESSES": "1",  # each costs some seconds of CPU
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "2",
            **settings,
        }

    def manage(self, *command: str, seconds: float = WAIT_SECONDS) -> str:
        """Runs `manage.py` and returns its output. Raises `subprocess.TimeoutExpired` after these seconds."""
        run = [sys.executable, "manage.py", *command]
        return subprocess.run(
            run, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True, timeout=seconds
        ).stdout

    def migrate(self) -> None:
        """Makes the database, or brings it up to date; a new SQLite file is a copy of one that was made before."""
        database = self.data_dir / DATABASE
        if "DATABASE_URL" in self.environment or database.exists():
            self.manage("migrate", "--verbosity", "0")
        else:
            shutil.copyfile(migrated_database(), database)

    def start(self, *names: str) -> None:
        for name in names:
            log = (self.data_dir / f"{name}.log").open("ab")
            self._processes[name] = subprocess.Popen(
                self._command(name),
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            log.close()
        if "web" in names:
            self._wait_for_web()

    @contextmanager
    def running(self, *names: str) -> Iterator[Self]:
        """Migrates the database, and has these processes run until the end of the block."""
        self.migrate()
        try:
            self.start(*names)
            yield self
        finally:
            self.stop()

    def _command(self, name: str) -> list[str]:
        program, *arguments = COMMANDS[name.partition("-")[0]]
        own = ["--hostname", f"{name}@%h", "--concurrency", str(self.concurrency)] if "worker" in name else []
        return [str(BIN / program), *arguments, *own]

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def children(self, name: str) -> list[int]:
        """The ids of the processes that do a worker's tasks."""
        return [child.pid for child in psutil.Process(self.pid(name)).children()]

    def rows(self, query: str) -> list[tuple]:
        """The rows that the server's database returns for the query."""
        url = self.environment.get("DATABASE_URL")
        connection = psycopg.connect(url) if url else sqlite3.connect(self.data_dir / DATABASE)
        try:
            return [tuple(row) for row in connection.execute(query).fetchall()]
        finally:
            connection.close()

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            try:
                if requests.get(f"{self.url}/ping", timeout=2).ok:
                    return
            except requests.RequestException:
                time.sleep(0.1)
        raise TimeoutError(self.logs())

    def kill(self, name: str) -> None:
        """Kills the process and all its children at once, like a power failure."""
        process = self._processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for name, process in list(self._processes.items()):
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill(name)

    def logs(self) -> str:
        return "\n".join(
            f"--- {log.name}\n{log.read_text()[-3000:]}" for log in sorted(self.data_dir.glob("*.log"))
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
