from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Max, Q

from albums.management.selection import add_selection, batches, selection
from albums.models import Album, AlbumQuerySet
from albums.services import queue_albums
from core.progress import progress


class Command(BaseCommand):
    help = (
        "Puts albums into the queue, to be looked through (again) without waiting for quiet; also those that an "
        "outside algorithm has taken. It can be stopped and run again. Exit status: 0, or 2 for wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_selection(
            parser,
            everything="all albums",
            older_than="albums that were last looked through longer ago than this, or never",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say how many albums there are")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        chosen = selection(options)
        albums = chosen.albums()
        if chosen.before:
            albums = _not_looked_through_since(albums, chosen.before)
        if dry_run:
            self.stdout.write(f"{albums.count()} albums would be set as pending.")
            return
        number, parts = 0, batches(albums)
        with progress(unit=" albums", total=sum(map(len, parts))) as bar:
            for ids in parts:
                number += queue_albums(albums=Album.objects.filter(pk__in=ids))
                bar.advance(len(ids))
        self.stdout.write(f"{number} albums are pending.")


def _not_looked_through_since(albums: AlbumQuerySet, moment: datetime) -> AlbumQuerySet:
    looked = albums.annotate(looked_through=Max("filterings__created_at"))
    return looked.filter(Q(looked_through=None) | Q(looked_through__lt=moment))
