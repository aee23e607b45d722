from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.management.arguments import required_user
from core.progress import progress
from faces.library import libraries_with_faces
from faces.models import Face
from faces.services import recluster


class Command(BaseCommand):
    help = (
        "Clusters the faces of every library anew, as the scheduler does at night. People may merge and split; "
        "those whose faces mostly stay keep their ids and names. It can be stopped between two libraries and run "
        "again. Exit status: 0, 1 when a library stayed as it was because others kept on writing to it, 2 for "
        "wrong arguments, 130 or 143 when stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", default="", help="only this user's library: an id or verified phone")
        parser.add_argument(
            "--dry-run", action="store_true", help="only say how many libraries and faces there are"
        )

    def handle(self, *args: Any, user: str, dry_run: bool, **options: Any) -> None:
        owners = [required_user(user)] if user else list(libraries_with_faces())
        if dry_run:
            faces = Face.objects.filter(original__photos__owner__in=owners).values("pk").distinct().count()
            self.stdout.write(f"{len(owners)} libraries with {faces} faces would be clustered.")
            return
        busy = 0
        with progress(unit=" libraries", total=len(owners)) as bar:
            for owner in bar.track(owners):
                if not recluster(owner=owner):
                    busy += 1
                    bar.write_line(f"user {owner.pk}: others kept on writing to the library.", self.stdout.write)
        self.stdout.write(f"{len(owners) - busy} libraries clustered.")
        if busy:
            raise CommandError(f"{busy} stayed as they were. Run this again when less is going on.")
