from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Exists, OuterRef

from albums.management.selection import Selection, add_selection, id_batches, parse_selection
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
        "then who is on them. Albums that a worker or an outside algorithm has claimed are skipped. It can be "
        "stopped between two albums (a second signal stops at once; then the album is free again within seconds) "
        "and run again. Exit status: 0 when nothing failed, 1 when a photo or an album failed, 2 for wrong "
        "arguments, 130 or 143 when stopped."
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
        parser.add_argument("--enqueue", action="store_true", help="only send the albums to the workers")
        parser.add_argument("--dry-run", action="store_true", help="only print what would be done")

    def handle(self, *args: object, failed: bool, enqueue: bool, dry_run: bool, **options: object) -> None:
        if failed and enqueue:
            raise bad_argument("--failed and --enqueue do not go together.")
        albums = _select_albums(parse_selection(options, has_own_filter=failed), failed)
        if dry_run:
            self._print_plan(albums, failed)
        elif enqueue:
            self._enqueue(albums)
        else:
            self._process(albums, retry_failed=failed)

    def _print_plan(self, albums: AlbumQuerySet, failed: bool) -> None:
        photos = Photo.objects.alive().filter(album__in=albums)
        originals = Original.objects.filter(pk__in=photos.values("original"))
        unfinished = originals.unfinished().count()
        if failed:
            unfinished += originals.filter(status=Original.Status.FAILED).count()
        taken = PendingAlbum.objects.filter(album__in=albums).taken().count()
        self.stdout.write(
            f"{albums.count() - taken} albums would be processed, after {unfinished} photos; "
            f"{taken} are claimed already."
        )

    def _enqueue(self, albums: AlbumQuerySet) -> None:
        ids = [pk for part in id_batches(albums) for pk in part]
        with progress(unit=" albums", total=len(ids)) as bar:
            sent = sum(self._enqueue_one(pk, bar) for pk in bar.track(ids))
        self.stdout.write(f"{sent} of {len(ids)} albums sent to the workers.")

    def _enqueue_one(self, album_id: UUID, bar: Progress) -> bool:
        """Returns whether the album is sent; prints why it is not."""
        if taken := taken_by_others(album_id):
            bar.write_line(f"album {album_id} skipped: {HOLDERS[taken]}.", self.stdout.write)
            return False
        process_now(albums=Album.objects.filter(pk=album_id))
        if broker_circuit.is_open():
            raise CommandError("The broker is unreachable. Run `manage.py doctor`, then this again.")
        return True

    def _process(self, albums: AlbumQuerySet, *, retry_failed: bool) -> None:
        fail_lost_originals()
        ids = [pk for part in id_batches(albums) for pk in part]
        done = failures = 0
        with progress(unit=" albums", total=len(ids)) as bar:
            for pk in bar.track(ids):
                is_done, number_failed = self._process_one(pk, retry_failed, bar)
                done, failures = done + is_done, failures + number_failed
        self.stdout.write(f"{done} of {len(ids)} albums processed.")
        if failures:
            raise CommandError(f"{failures} failed.")

    def _process_one(self, album_id: UUID, retry_failed: bool, bar: Progress) -> tuple[bool, int]:
        """Returns whether the album is done, and the number of failures."""
        try:
            result = process_album_now(album_id=album_id, retry_failed=retry_failed)
        except StorageUnavailable as error:
            message = f"The storage is unreachable: album {album_id} waits. Run this again later."
            raise CommandError(message) from error
        lines = [f"photo {photo} failed: {reason}" for photo, reason in result.failures]
        if result.unfinished:
            why = f"{result.unfinished} photos are claimed by a worker, or have used up their tries"
            lines.append(f"album {album_id} is not done: {why}.")
        failures = len(lines)
        if result.taken:
            lines.append(f"album {album_id} skipped: {HOLDERS[result.taken]}.")
        for line in lines:
            bar.write_line(line, self.stdout.write)
        return result.is_done, failures


def _select_albums(chosen: Selection, failed: bool) -> AlbumQuerySet:
    """Returns albums named by id, pending or not; otherwise the pending ones, or those with failed photos."""
    albums = chosen.albums()
    if failed:
        photos = Photo.objects.alive().filter(album=OuterRef("pk"), original__status=Original.Status.FAILED)
        albums = albums.filter(Exists(photos))
    elif not chosen.ids:
        albums = albums.in_queue()
    return albums.filter(pending__touched_at__lt=chosen.before) if chosen.before else albums
