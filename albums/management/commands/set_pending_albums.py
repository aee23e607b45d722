from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Max, Q

from albums.management.selection import add_selection, id_batches, parse_selection
from albums.models import Album
from albums.services import queue_albums
from core.progress import progress


class Command(BaseCommand):
    help = (
        "Puts albums into the queue, to be processed (again) without waiting for the end of uploads; also those "
        "that an outside algorithm has taken. Can be stopped and run again. "
        "Exit status: 0, or 2 for wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_selection(
            parser,
            everything="all albums",
            older_than="albums that were last processed longer ago than this, or never",
        )
        parser.add_argument("--dry-run", action="store_true", help="only print the number of albums")

    def handle(self, *args: object, dry_run: bool, **options: object) -> None:
        chosen = parse_selection(options)
        albums = chosen.albums()
        if chosen.before:
            processed = albums.annotate(processed_at=Max("filterings__created_at"))
            albums = processed.filter(Q(processed_at=None) | Q(processed_at__lt=chosen.before))
        if dry_run:
            self.stdout.write(f"{albums.count()} albums would be set as pending.")
            return
        number, batches = 0, id_batches(albums)
        with progress(unit=" albums", total=sum(map(len, batches))) as bar:
            for ids in batches:
                number += queue_albums(albums=Album.objects.filter(pk__in=ids))
                bar.advance(len(ids))
        self.stdout.write(f"{number} albums are pending.")
