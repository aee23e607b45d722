from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from core.arguments import bad_argument
from profiles.services import get_or_create_app, issue_key


class Command(BaseCommand):
    help = (
        "Creates an API key of an app and prints it, this once, as the last word. Creates new owners and apps. "
        "Every run creates another key. Exit status: 0, 2 for wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--owner", required=True, help="the owner's id: 1 to 128 printable characters")
        parser.add_argument("--app", required=True, help="the app's id: 1 to 64 of A-Z a-z 0-9 . _ -")
        parser.add_argument("--label", default="", help="where the key will be used")

    @transaction.atomic
    def handle(self, *args: object, owner: str, app: str, label: str, **options: object) -> None:
        try:
            api_app = get_or_create_app(owner_id=owner, app_id=app)
            api_key, key = issue_key(app=api_app, label=label)
        except ValidationError as error:
            raise bad_argument("; ".join(error.messages)) from error
        self.stdout.write(f"key {api_key.pk} of app {api_app.app_id} of owner {api_app.owner.owner_id}: {key}")
