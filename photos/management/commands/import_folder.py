import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from accounts.selectors import user_named
from photos.importing import InvalidPath, import_below
from photos.importing.places import place_below


class Command(BaseCommand):
    help = (
        "Imports the pictures of a folder and its sub-folders into a user's library. It can be stopped and run "
        "again: files that were taken are not taken twice. The folder need not be below one of the IMPORT_ROOTS."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="the folder")
        parser.add_argument("--user", required=True, help="whose library: the user's id or verified phone")

    def handle(self, *args: Any, path: Path, user: str, **options: Any) -> None:
        owner = user_named(user)
        if owner is None:
            raise CommandError(f"There is no user {user!r}.")
        absolute = os.fsencode(path.absolute())
        roots = [os.fsencode(root) for root in settings.IMPORT_ROOTS]
        try:
            # Without a terminal there is no bar, only the last line.
            with tqdm(unit=" files", disable=None, file=self.stderr._out) as bar:
                folder = place_below([*roots, absolute], absolute)
                progress = import_below(user=owner, folder=folder, seen=bar.update)
        except InvalidPath as error:
            raise CommandError(f"{str(path)!r} is no folder that can be read.") from error
        if not progress.done:
            raise CommandError("This folder is being imported by somebody else right now.")
        self.stdout.write(f"{progress.taken} pictures taken; the worker processes them.")
