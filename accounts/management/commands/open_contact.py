from django.core.management.base import BaseCommand, CommandParser

from accounts.emails import InvalidEmail, normalise_email
from accounts.phones import InvalidPhone, normalise
from accounts.services import unlock_contacts
from core.arguments import bad_argument


class Command(BaseCommand):
    help = (
        "Lets a phone or an e-mail address get codes again, at which too many wrong ones were tried. "
        "Exit status: 0, 2 for wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("contact", help="a phone number with its country code, or an e-mail address")

    def handle(self, *args: object, contact: str, **options: object) -> None:
        try:
            stored = normalise_email(contact) if "@" in contact else normalise(contact)
        except (InvalidEmail, InvalidPhone) as error:
            raise bad_argument(f"{contact!r} is no phone number and no e-mail address.") from error
        had = unlock_contacts(contacts=[stored])
        self.stdout.write(f"{stored} gets codes again." if had else f"No wrong codes were tried at {stored}.")
