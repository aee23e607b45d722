import hashlib
from pathlib import Path

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.progress import progress
from photos.objects.models import FASTESTDET, PublicModel

TIMEOUT_SECONDS = 30
CHUNK = 64 * 1024


class Command(BaseCommand):
    help = (
        "Downloads the default object model to DATA_DIR/models and checks that it is the right file. Does nothing "
        "when it exists already. Exit status: 0, 1 when it could not be fetched, 130 or 143 when stopped."
    )

    def handle(self, *args: object, **options: object) -> None:
        path = Path(settings.DATA_DIR) / "models" / FASTESTDET.name
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == FASTESTDET.sha256:
            self.stdout.write(f"{path} exists already.")
        else:
            self._fetch(FASTESTDET, path)
            self.stdout.write(f"{path} has been fetched ({FASTESTDET.license}).")
        if Path(settings.OBJECT_MODEL) != path:
            self.stdout.write("OBJECT_MODEL names another file, which will be used instead.")

    def _fetch(self, model: PublicModel, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        digest, size = hashlib.sha256(), 0
        try:
            with (
                requests.get(model.url, stream=True, timeout=TIMEOUT_SECONDS) as answer,
                part.open("wb") as file,
                progress(total=model.size, unit="B", scale=True) as bar,
            ):
                answer.raise_for_status()
                for chunk in answer.iter_content(CHUNK):
                    size += len(chunk)
                    if size > model.size:
                        break
                    file.write(chunk)
                    digest.update(chunk)
                    bar.advance(len(chunk))
            if size != model.size or digest.hexdigest() != model.sha256:
                raise CommandError(f"{model.url} is not the file that was expected; it is not kept.")
            part.replace(path)
        except requests.RequestException as error:
            raise CommandError(f"{model.url} cannot be reached ({type(error).__name__}).") from error
        finally:
            part.unlink(missing_ok=True)
