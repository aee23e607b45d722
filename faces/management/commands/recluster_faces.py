from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.management.arguments import required_user
from core.progress import progress
from faces.library_selectors import owners_with_faces
from faces.models import Face
from faces.services import recluster


class Command(BaseCommand):
    help = (
        "Clusters the faces of every library anew, as the scheduler does at night. People may merge and split; "
        "those who keep most of their faces keep their ids and names. It can be stopped between two libraries and "
        "run again. Exit status: 0, 1 when a library stayed unchanged because other processes kept writing to it, "
        "2 for wrong arguments, 130 or 143 when stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", default="", help="only this user's library: an id or verified phone")
        parser.add_argument("--dry-run", action="store_true", help="only print the number of libraries and faces")

    def handle(self, *args: object, user: str, dry_run: bool, **options: object) -> None:
        owners = [required_user(user)] if user else list(owners_with_faces())
        if dry_run:
            faces = Face.objects.filter(original__photos__owner__in=owners).values("pk").distinct().count()
            self.stdout.write(f"{len(owners)} libraries with {faces} faces would be clustered.")
            return
        busy = 0
        with progress(unit=" libraries", total=len(owners)) as bar:
            for owner in bar.track(owners):
                if not recluster(owner=owner):
                    busy += 1
                    bar.write_line(
                        f"user {owner.pk}: other processes kept writing to the library.", self.stdout.write
                    )
        self.stdout.write(f"{len(owners) - busy} libraries clustered.")
        if busy:
            raise CommandError(f"{busy} libraries stayed unchanged. Run this again when the server is less busy.")
