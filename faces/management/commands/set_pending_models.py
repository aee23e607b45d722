from django.core.management.base import BaseCommand, CommandParser

from accounts.management.arguments import required_user
from core.arguments import bad_argument
from faces.services import make_models_pending, recognisable_users


class Command(BaseCommand):
    help = (
        "Empties the face models of users, so that the outside algorithm makes them anew. Running this twice "
        "changes nothing more. Exit status: 0, or 2 for wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", nargs="*", metavar="ID_OR_PHONE", help="users, by id or verified phone")
        parser.add_argument("--all", action="store_true", help="all users")
        parser.add_argument("--dry-run", action="store_true", help="only print the number of users")

    def handle(self, *args: object, user: list[str], dry_run: bool, **options: object) -> None:
        if bool(user) == options["all"]:
            raise bad_argument("Whose models? Give users, or --all.")
        users = recognisable_users()
        if user:
            users = users.filter(pk__in=[required_user(name).pk for name in user])
        if dry_run:
            self.stdout.write(f"{users.count()} models would be pending.")
        else:
            self.stdout.write(f"{make_models_pending(users=users)} models are pending.")
