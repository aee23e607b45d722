from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Exists, OuterRef

from albums.management.selection import Selection, add_selection, batches, selection
from albums.models import Album, AlbumQuerySet, PendingAlbum
from albums.services import process_now
from albums.states import AlbumState
from core.arguments import bad_argument
from core.outages import broker_circuit
from core.progress import Progress, progress
from faces.services import process_album_now, taken_by_others
from photos.models import Original, Photo
from photos.services import fail_lost_originals
from photos.storage import StorageUnavailable

HOLDERS = {
    AlbumState.RUNNING: "a worker is working on it",
    AlbumState.TAKEN_OUTSIDE: "an outside algorithm has taken it",
}


class Command(BaseCommand):
    help = (
        "Processes albums now, in this process, whatever ALBUM_PROCESSOR says: first their unfinished photos, "
        "then who is on them. Albums that are in other hands are skipped. It can be stopped between two albums (a "
        "second signal stops at once; then the album is free again within seconds) and run again. Exit status: 0 "
        "when all went well, 1 when a photo or an album failed, 2 for wrong arguments, 130 or 143 when stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_selection(
            parser,
            everything="all pending albums",
            older_than="pending albums that have waited longer than this",
        )
        parser.add_argument(
            "--failed", action="store_true", help="albums with photos that failed; these get another try"
        )
        parser.add_argument("--enqueue", action="store_true", help="only hand the albums to the workers")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, failed: bool, enqueue: bool, dry_run: bool, **options: Any) -> None:
        if failed and enqueue:
            raise bad_argument("--failed and --enqueue do not go together.")
        albums = _chosen(selection(options, others=failed), failed)
        if dry_run:
            self._say_what_would_be_done(albums, failed)
        elif enqueue:
            self._enqueue(albums)
        else:
            self._process(albums, again=failed)

    def _say_what_would_be_done(self, albums: AlbumQuerySet, failed: bool) -> None:
        photos = Photo.objects.alive().filter(album__in=albums)
        originals = Original.objects.filter(pk__in=photos.values("original"))
        looked_at = originals.unfinished().count()
        if failed:
            looked_at += originals.filter(status=Original.Status.FAILED).count()
        taken = PendingAlbum.objects.filter(album__in=albums).taken().count()
        self.stdout.write(
            f"{albums.count() - taken} albums would be processed, after {looked_at} photos; "
            f"{taken} are in other hands."
        )

    def _enqueue(self, albums: AlbumQuerySet) -> None:
        ids = [pk for part in batches(albums) for pk in part]
        with progress(unit=" albums", total=len(ids)) as bar:
            handed = sum(self._hand_over(pk, bar) for pk in bar.track(ids))
        self.stdout.write(f"{handed} of {len(ids)} albums handed to the workers.")

    def _hand_over(self, album_id: UUID, bar: Progress) -> bool:
        if taken := taken_by_others(album_id):
            bar.write_line(f"album {album_id} skipped: {HOLDERS[taken]}.", self.stdout.write)
            return False
        process_now(albums=Album.objects.filter(pk=album_id))
        if broker_circuit.is_open():
            raise CommandError("The broker is away. Run `manage.py doctor`, then this again.")
        return True

    def _process(self, albums: AlbumQuerySet, *, again: bool) -> None:
        fail_lost_originals()
        ids = [pk for part in batches(albums) for pk in part]
        done = wrong = 0
        with progress(unit=" albums", total=len(ids)) as bar:
            for pk in bar.track(ids):
                processed, failed = self._process_one(pk, again, bar)
                done, wrong = done + processed, wrong + failed
        self.stdout.write(f"{done} of {len(ids)} albums processed.")
        if wrong:
            raise CommandError(f"{wrong} failed.")

    def _process_one(self, album_id: UUID, again: bool, bar: Progress) -> tuple[bool, int]:
        """Whether the album is processed, and how many things went wrong with it."""
        try:
            outcome = process_album_now(album_id=album_id, again=again)
        except StorageUnavailable as error:
            raise CommandError(f"The storage is away: album {album_id} waits. Run this again later.") from error
        lines = [f"photo {photo} failed: {reason}" for photo, reason in outcome.failures]
        if outcome.unfinished:
            why = f"{outcome.unfinished} photos are in other hands, or were tried too often"
            lines.append(f"album {album_id} is not done: {why}.")
        wrong = len(lines)
        if outcome.taken:
            lines.append(f"album {album_id} skipped: {HOLDERS[outcome.taken]}.")
        for line in lines:
            bar.write_line(line, self.stdout.write)
        return outcome.is_done, wrong


def _chosen(chosen: Selection, failed: bool) -> AlbumQuerySet:
    """Named albums whether or not they are pending; of the others those that are, or that have failed photos."""
    albums = chosen.albums()
    if failed:
        photos = Photo.objects.alive().filter(album=OuterRef("pk"), original__status=Original.Status.FAILED)
        albums = albums.filter(Exists(photos))
    elif not chosen.ids:
        albums = albums.in_queue()
    return albums.filter(pending__touched_at__lt=chosen.before) if chosen.before else albums
