from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from albums.management.selection import add_selection, batches, selection
from albums.models import Album, PendingAlbum
from albums.services import empty_queue
from core.progress import progress


class Command(BaseCommand):
    help = (
        "Takes albums out of the queue; those that a worker is working on stay. It can be stopped and run again. "
        "Exit status: 0, or 2 for wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_selection(
            parser, everything="all albums in the queue", older_than="albums that have waited longer than this"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say how many albums there are")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        chosen = selection(options)
        albums = chosen.albums().exclude(pending=None)
        if chosen.before:
            albums = albums.filter(pending__touched_at__lt=chosen.before)
        if dry_run:
            waiting = PendingAlbum.objects.queued().filter(album__in=albums).count()
            self.stdout.write(f"{waiting} waiting albums would be taken out of the queue.")
            return
        number, parts = 0, batches(albums)
        with progress(unit=" albums", total=sum(map(len, parts))) as bar:
            for ids in parts:
                number += empty_queue(albums=Album.objects.filter(pk__in=ids))
                bar.advance(len(ids))
        self.stdout.write(f"{number} waiting albums taken out of the queue.")
