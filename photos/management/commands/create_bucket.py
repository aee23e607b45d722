from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from photos.storage import StorageUnavailable, create_bucket


class Command(BaseCommand):
    help = (
        "Makes the bucket AWS_STORAGE_BUCKET_NAME, unless it is there. It can be run again. "
        "Exit status: 0, 1 when that failed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        name = settings.AWS_STORAGE_BUCKET_NAME
        if not name:
            raise CommandError("AWS_STORAGE_BUCKET_NAME names no bucket: files are kept on disk.")
        try:
            made = create_bucket()
        except StorageUnavailable as error:
            raise CommandError(f"The bucket {name} could not be made: {error.__cause__}") from error
        self.stdout.write(f"The bucket {name} was made." if made else f"The bucket {name} is there.")
