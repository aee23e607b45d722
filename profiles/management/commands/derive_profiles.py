from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.progress import progress
from photos.storage import StorageUnavailable
from profiles.selectors import consenting_devices
from profiles.services import derive_profile


class Command(BaseCommand):
    help = (
        "Derives profiles from the photos of every device whose user consents, as the worker does each night. "
        "It can be stopped between two devices and run again. Exit status: 0, 1 when the storage is unreachable, "
        "130 or 143 when stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only print the number of devices")

    def handle(self, *args: object, dry_run: bool, **options: object) -> None:
        devices = consenting_devices()
        number = devices.count()
        if dry_run:
            self.stdout.write(f"{number} devices whose user consents")
            return
        ids = devices.values_list("pk", flat=True).iterator(chunk_size=1000)
        try:
            with progress(unit=" devices", total=number) as bar:
                derived = sum(derive_profile(device_id=pk) for pk in bar.track(ids))
        except StorageUnavailable as error:
            raise CommandError("The storage is unreachable. Please run this again later.") from error
        self.stdout.write(f"profiles of {derived} devices derived")
