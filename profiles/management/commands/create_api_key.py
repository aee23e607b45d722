from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from core.arguments import bad_argument
from profiles.services import app_named, issue_key


class Command(BaseCommand):
    help = (
        "Makes an API key of an app and prints it, this once, as its last word. Owner and app are made if new. "
        "Every run makes another key. Exit status: 0, 2 for wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--owner", required=True, help="the owner's id: 1 to 128 printable characters")
        parser.add_argument("--app", required=True, help="the app's id: 1 to 64 of A-Z a-z 0-9 . _ -")
        parser.add_argument("--label", default="", help="where the key will be used")

    @transaction.atomic
    def handle(self, *args: Any, owner: str, app: str, label: str, **options: Any) -> None:
        try:
            found = app_named(owner_id=owner, app_id=app)
            made, key = issue_key(app=found, label=label)
        except ValidationError as error:
            raise bad_argument("; ".join(error.messages)) from error
        self.stdout.write(f"key {made.pk} of app {found.app_id} of owner {found.owner.owner_id}: {key}")
