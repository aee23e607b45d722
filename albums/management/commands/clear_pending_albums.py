from django.core.management.base import BaseCommand, CommandParser

from albums.management.selection import add_selection, id_batches, parse_selection
from albums.models import Album, PendingAlbum
from albums.services import clear_queue
from core.progress import progress


class Command(BaseCommand):
    help = (
        "Removes albums from the queue, except those that a worker is processing. Can be stopped and run again. "
        "Exit status: 0, or 2 for wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_selection(
            parser, everything="all albums in the queue", older_than="albums that have waited longer than this"
        )
        parser.add_argument("--dry-run", action="store_true", help="only print the number of albums")

    def handle(self, *args: object, dry_run: bool, **options: object) -> None:
        chosen = parse_selection(options)
        albums = chosen.albums().exclude(pending=None)
        if chosen.before:
            albums = albums.filter(pending__touched_at__lt=chosen.before)
        if dry_run:
            waiting = PendingAlbum.objects.queued().filter(album__in=albums).count()
            self.stdout.write(f"{waiting} waiting albums would be removed from the queue.")
            return
        number, batches = 0, id_batches(albums)
        with progress(unit=" albums", total=sum(map(len, batches))) as bar:
            for ids in batches:
                number += clear_queue(albums=Album.objects.filter(pk__in=ids))
                bar.advance(len(ids))
        self.stdout.write(f"{number} waiting albums were removed from the queue.")
