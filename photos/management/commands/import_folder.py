import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.management.arguments import required_user
from core.arguments import bad_argument
from core.progress import Stopped, progress
from photos.importing import InvalidPath, cancel_import, count_importable_in, import_folder
from photos.importing.paths import resolve_below


class Command(BaseCommand):
    help = (
        "Imports the pictures of a folder and its sub-folders into a user's library. It can be stopped and run "
        "again: no file is imported twice. The worker finishes an import whose process was killed. The "
        "folder need not be below one of the IMPORT_ROOTS. "
        "Exit status: 0, 1 when another process is importing it, 2 for wrong arguments, 130 or 143 when stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="the folder")
        parser.add_argument("--user", required=True, help="whose library: the user's id or verified phone")
        parser.add_argument("--dry-run", action="store_true", help="only print how many pictures would be taken")

    def handle(self, *args: object, path: Path, user: str, dry_run: bool, **options: object) -> None:
        owner = required_user(user)
        absolute = os.fsencode(path.absolute())
        roots = [os.fsencode(root) for root in settings.IMPORT_ROOTS]
        try:
            folder = resolve_below([*roots, absolute], absolute)
            if dry_run:
                self.stdout.write(f"{count_importable_in(user=owner, folder=folder)} pictures would be imported.")
                return
            with progress(unit=" files") as bar:
                try:
                    outcome = import_folder(user=owner, folder=folder, on_progress=bar.advance)
                except (Stopped, KeyboardInterrupt):
                    cancel_import(user=owner, folder=folder)  # otherwise the worker would resume it
                    raise
        except InvalidPath as error:
            raise bad_argument(f"{str(path)!r} is no folder that can be read.") from error
        if not outcome.done:
            raise CommandError(
                "Another process is importing this folder, or an operator stopped the import in the admin."
            )
        self.stdout.write(f"{outcome.imported} pictures imported; the worker processes them.")
