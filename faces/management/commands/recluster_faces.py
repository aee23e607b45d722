from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from accounts.models import User
from accounts.selectors import user_named
from faces.library import libraries_with_faces
from faces.services import recluster


class Command(BaseCommand):
    help = (
        "Clusters the faces of every library anew, as the scheduler does at night. People may merge and split; "
        "those whose faces mostly stay keep their ids and names. It can be stopped and run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", default="", help="only this user's library: an id or verified phone")

    def handle(self, *args: Any, user: str, **options: Any) -> None:
        owners = [self._owner(user)] if user else list(libraries_with_faces())
        for owner in tqdm(owners, unit=" libraries", disable=None):
            recluster(owner=owner)
        self.stdout.write(f"{len(owners)} libraries clustered.")

    def _owner(self, id_or_phone: str) -> User:
        owner = user_named(id_or_phone)
        if owner is None:
            raise CommandError(f"There is no user {id_or_phone!r}.")
        return owner
