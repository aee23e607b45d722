import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from photos.storage import StorageUnavailable, create_bucket

TIMEOUT_SECONDS = 30


class Command(BaseCommand):
    help = (
        "Creates the bucket AWS_STORAGE_BUCKET_NAME, unless it exists. Waits half a minute for a storage that "
        "does not answer yet. It can be run again. Exit status: 0, 1 when that failed."
    )

    def handle(self, *args: object, **options: object) -> None:
        name = settings.AWS_STORAGE_BUCKET_NAME
        if not name:
            raise CommandError("AWS_STORAGE_BUCKET_NAME names no bucket: files are kept on disk.")
        until = time.monotonic() + TIMEOUT_SECONDS
        while True:
            try:
                created = create_bucket()
                break
            except StorageUnavailable as error:
                if time.monotonic() > until:
                    raise CommandError(f"The bucket {name} could not be created: {error.__cause__}") from error
            time.sleep(1)
        self.stdout.write(f"The bucket {name} was created." if created else f"The bucket {name} exists already.")
