import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from photos.storage import StorageUnavailable, create_bucket

PATIENCE_SECONDS = 30


class Command(BaseCommand):
    help = (
        "Makes the bucket AWS_STORAGE_BUCKET_NAME, unless it is there; waits half a minute for a storage that "
        "does not answer yet. It can be run again. Exit status: 0, 1 when that failed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        name = settings.AWS_STORAGE_BUCKET_NAME
        if not name:
            raise CommandError("AWS_STORAGE_BUCKET_NAME names no bucket: files are kept on disk.")
        self.stdout.write(f"The bucket {name} was made." if _made(name) else f"The bucket {name} is there.")


def _made(name: str) -> bool:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return create_bucket()
        except StorageUnavailable as error:
            if time.monotonic() > until:
                raise CommandError(f"The bucket {name} could not be made: {error.__cause__}") from error
        time.sleep(1)
