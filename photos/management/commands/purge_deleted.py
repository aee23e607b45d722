from django.core.management.base import BaseCommand, CommandParser

from core.progress import progress
from photos.services import Purged, count_purgeable, purge_albums, purge_cutoff, purge_photos


class Command(BaseCommand):
    help = (
        "Deletes photos and albums for good that have been in the trash for 30 days, and removes the files that "
        "nothing needs any more. It can be stopped and run again. Exit status: 0, 130 or 143 when stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only print what would be removed")

    def handle(self, *args: object, dry_run: bool, **options: object) -> None:
        before = purge_cutoff()
        expected = count_purgeable(before=before)
        if dry_run:
            self._say("Would remove", expected)
            return
        photos = originals = 0
        with progress(total=expected.photos, unit=" photos") as bar:
            for batch in purge_photos(before=before):
                photos, originals = photos + batch.photos, originals + batch.originals
                bar.advance(batch.photos)
        self._say("Removed", Purged(photos=photos, originals=originals, albums=purge_albums(before=before)))

    def _say(self, what: str, purged: Purged) -> None:
        self.stdout.write(
            f"{what} {purged.photos} photos, {purged.originals} stored originals and {purged.albums} albums."
        )
