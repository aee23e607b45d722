import logging
import os
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from accounts.management.arguments import required_user
from albums.models import Album
from albums.selectors import members_of
from core.arguments import bad_argument
from core.outages import TRANSIENT_ERRORS
from core.progress import Progress, progress
from faces.engine import engine_name
from faces.models import Selfie, SelfieQuerySet
from faces.selectors import originals_to_search
from faces.services import assign_waiting_faces, check_selfie, look_again, look_again_at_selfies, search_again
from photos.models import Original, Photo
from photos.pipeline import StageFailed

logger = logging.getLogger(__name__)

POLITE = 10  # the process's nice value: workers come first
ASSIGNED_TOGETHER = 200  # originals; reading a library for each one alone would take hours


class Command(BaseCommand):
    help = (
        "Looks at selfies and originals with the face engine of the settings, after it was changed. People keep "
        "their names where faces are found again. The server may run meanwhile: photos stay as they are until it "
        "has looked at them. It can be stopped at any moment, also killed; with --missing it continues. Exit "
        "status: 0, 1 when a picture could not be read, 2 for wrong arguments, 130 or 143 when stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "--missing", action="store_true", help="what this engine has not looked at; continues a stopped --all"
        )
        what.add_argument("--all", action="store_true", help="everything, also what it has looked at already")
        parser.add_argument("--user", default="", metavar="ID_OR_PHONE", help="only this user's pictures")
        parser.add_argument("--album", type=UUID, help="only this album's photos, and the selfies of its members")
        parser.add_argument("--only", choices=("originals", "selfies"), help="only one of the two")
        parser.add_argument("--dry-run", action="store_true", help="only print how many there are")

    def handle(self, *args: object, **options: Any) -> None:
        originals, selfies = _selection(options)
        if options["all"] and not options["dry_run"]:
            search_again(originals=originals)
            selfies.accepted().update(engine="")
        missing = originals if options["all"] else originals & originals_to_search(engine_name())
        others = selfies.accepted() if options["all"] else selfies.of_another_engine(engine_name())
        if options["dry_run"]:
            found = f"{others.count()} selfies, {missing.count()} originals"
            self.stdout.write(f"{engine_name()} would look at {found}.")
            return
        lower_priority()
        self._look_at_selfies(others)
        self._look_at_originals(missing)

    def _look_at_selfies(self, selfies: SelfieQuerySet) -> None:
        waiting = look_again_at_selfies(selfies=selfies)
        with progress(unit=" selfies", total=len(waiting)) as bar:
            for selfie_id in bar.track(waiting):
                self._looked(f"selfie {selfie_id}", partial(check_selfie, selfie_id=selfie_id), bar)
        self.stdout.write(f"Looked at {len(waiting)} selfies.")

    def _look_at_originals(self, originals: QuerySet[Original]) -> None:
        ids = list(originals.order_by("pk").values_list("pk", flat=True))
        looked, failed = list[UUID](), 0
        with progress(unit=" originals", total=len(ids)) as bar:
            for number, original_id in enumerate(bar.track(ids), 1):
                if self._looked(f"original {original_id}", partial(look_again, original_id=original_id), bar):
                    looked.append(original_id)
                else:
                    failed += 1
                if not number % ASSIGNED_TOGETHER or number == len(ids):
                    _assign_waiting(looked[-ASSIGNED_TOGETHER:])
        self.stdout.write(f"Looked at {len(looked)} originals.")
        if failed:
            raise CommandError(f"{failed} originals could not be read.")

    def _looked(self, name: str, look: Callable[[], object], bar: Progress) -> bool:
        """Returns whether the picture was looked at. One that was not does not hold up the others."""
        try:
            look()
        except TRANSIENT_ERRORS as error:
            message = f"The storage or the database is unreachable: {name} waits. Run this again with --missing."
            raise CommandError(message) from error
        except StageFailed as error:
            bar.write_line(f"{name}: {error}", self.stderr.write)
            return False
        except Exception as error:  # a bug, or too little memory: for this picture
            logger.exception("Looking at the %s failed.", name)
            bar.write_line(f"{name}: the server made a mistake ({type(error).__name__}).", self.stderr.write)
            return False
        return True


def _selection(options: dict[str, Any]) -> tuple[QuerySet[Original], SelfieQuerySet]:
    originals, selfies = Original.objects.filter(status=Original.Status.READY), Selfie.objects.all()
    photos = Photo.objects.alive()
    if options["user"]:
        user = required_user(options["user"])
        photos, selfies = photos.filter(owner=user), selfies.filter(user=user)
    if options["album"]:
        album = Album.objects.alive().filter(pk=options["album"]).first()
        if album is None:
            raise bad_argument(f"There is no album {options['album']}.")
        photos, selfies = photos.filter(album=album), selfies.filter(user__in=members_of(album))
    if options["user"] or options["album"]:
        originals = originals.filter(pk__in=photos.values("original"))
    if options["only"] == "selfies":
        originals = originals.none()
    if options["only"] == "originals":
        selfies = selfies.none()
    return originals, selfies


def lower_priority() -> None:
    os.setpriority(os.PRIO_PROCESS, 0, max(POLITE, os.getpriority(os.PRIO_PROCESS, 0)))


def _assign_waiting(original_ids: list[UUID]) -> None:
    """Assigns the faces of these originals to people; each call does so for a whole library."""
    for original_id in original_ids:
        assign_waiting_faces(original_id=original_id)
