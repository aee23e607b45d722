from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.management.arguments import required_user
from accounts.models import User
from core.progress import progress
from faces.library_selectors import owners_with_faces
from faces.services import repair_looks


class Command(BaseCommand):
    help = (
        "Compares the looks of people, by which new faces find them, with all of their faces, and computes wrong "
        "ones anew. The nightly clustering does so too. The server may run meanwhile; it can be stopped and run "
        "again. Exit status: 0, also when there were wrong ones, or 2 for wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", default="", metavar="ID_OR_PHONE", help="only this user's library")
        parser.add_argument("--check", action="store_true", help="only tell how many are wrong")

    def handle(self, *args: object, **options: Any) -> None:
        owners = owners_with_faces()
        if options["user"]:
            owners = User.objects.filter(pk=required_user(options["user"]).pk)
        people = faces = 0
        with progress(unit=" libraries", total=owners.count()) as bar:
            for owner in bar.track(list(owners)):
                wrong = repair_looks(owner=owner, only_check=options["check"])
                people, faces = people + wrong.people, faces + wrong.faces
        done = "are wrong" if options["check"] else "were wrong, and are right now"
        self.stdout.write(f"The looks of {people} people and {faces} faces {done}.")
