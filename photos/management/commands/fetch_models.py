import hashlib
from collections.abc import Callable
from pathlib import Path

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.deadlines import run_with_timeout
from core.progress import progress
from photos.objects.models import FASTESTDET, PublicModel

TIMEOUT_SECONDS = 30
CHUNK = 64 * 1024
START_SECONDS = 5  # a start of the server waits no longer, also where no network answers


class Command(BaseCommand):
    help = (
        "Downloads the default object model to DATA_DIR/models and checks that it is the right file. Does nothing "
        "when it exists already. Exit status: 0, 1 when it could not be fetched, 130 or 143 when stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--at-start",
            action="store_true",
            help=f"at the start of a server: fetch only a missing model, within {START_SECONDS} s; never fail",
        )

    def handle(self, *args: object, at_start: bool, **options: object) -> None:
        path = Path(settings.DATA_DIR) / "models" / FASTESTDET.name
        if at_start:
            self._fetch_at_start(path)
            return
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == FASTESTDET.sha256:
            self.stdout.write(f"{path} exists already.")
        else:
            with progress(total=FASTESTDET.size, unit="B", scale=True) as bar:
                _fetch(FASTESTDET, path, bar.advance)
            self.stdout.write(f"{path} has been fetched ({FASTESTDET.license}).")
        if Path(settings.OBJECT_MODEL) != path:
            self.stdout.write("OBJECT_MODEL names another file, which will be used instead.")

    def _fetch_at_start(self, path: Path) -> None:
        """Fetches the model if the server uses it and it is missing; says in one line what became of it."""
        if Path(settings.OBJECT_MODEL) != path or path.exists():
            return
        try:
            run_with_timeout(START_SECONDS, lambda: _fetch(FASTESTDET, path))
        except TimeoutError:
            _part(path).unlink(missing_ok=True)
            self._write_failure(f"no answer within {START_SECONDS} s")
        except CommandError as error:
            self._write_failure(str(error).rstrip("."))
        except OSError as error:
            self._write_failure(f"{path} cannot be written: {error.strerror}")
        else:
            self.stdout.write("The object model has been fetched: photos get object classes.")

    def _write_failure(self, reason: str) -> None:
        again = "The next start, or `manage.py fetch_models`, tries again."
        self.stdout.write(f"Photos get no object classes yet ({reason}). {again}")


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _fetch(model: PublicModel, path: Path, advance: Callable[[int], object] = lambda _: None) -> None:
    """Downloads the model. Raises `CommandError` for another file, or when the server cannot be reached."""
    url = settings.OBJECT_MODEL_URL or model.url
    path.parent.mkdir(parents=True, exist_ok=True)
    part = _part(path)
    digest, size = hashlib.sha256(), 0
    try:
        with requests.get(url, stream=True, timeout=TIMEOUT_SECONDS) as answer, part.open("wb") as file:
            answer.raise_for_status()
            for chunk in answer.iter_content(CHUNK):
                size += len(chunk)
                if size > model.size:
                    break
                file.write(chunk)
                digest.update(chunk)
                advance(len(chunk))
        if size != model.size or digest.hexdigest() != model.sha256:
            raise CommandError(f"{url} is not the file that was expected; it is not kept.")
        part.replace(path)
    except requests.RequestException as error:
        raise CommandError(f"{url} cannot be reached ({type(error).__name__}).") from error
    finally:
        part.unlink(missing_ok=True)
