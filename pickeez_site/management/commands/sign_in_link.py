from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from accounts.emails import InvalidEmail, normalise_email
from accounts.management.arguments import required_user
from accounts.models import User
from accounts.phones import InvalidPhone, normalise
from accounts.services import AccountClosed, create_sign_in_link, set_name, user_of_email, user_of_phone
from core.arguments import bad_argument
from pickeez_site.gallery.signing_in import sign_in_link_url


class Command(BaseCommand):
    help = (
        "Prints, as the last word, a link that signs somebody in to the gallery: once, and within an hour. A "
        "phone or e-mail address given here counts as verified; its user is created if new. No gateway is "
        "needed. Exit status: 0, 2 for wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--phone", default="", help="the user's phone number, with the country code")
        who.add_argument("--email", default="", help="the user's e-mail address")
        who.add_argument("--user", default="", help="the id or verified phone of a user who is there already")
        parser.add_argument("--name", default="", help="the user's name; replaces the name of an existing user")

    @transaction.atomic
    def handle(self, *args: object, phone: str, email: str, user: str, name: str, **options: object) -> None:
        found = self._user(phone, email, user)
        if name:
            try:
                set_name(user=found, name=name)
            except ValidationError as error:
                raise bad_argument("; ".join(error.messages)) from error
        link = sign_in_link_url(create_sign_in_link(user=found))
        self.stdout.write(f"user {found.pk} link {link}")

    def _user(self, phone: str, email: str, id_or_phone: str) -> User:
        try:
            if email:
                return user_of_email(email=normalise_email(email))
            return user_of_phone(phone=normalise(phone)) if phone else required_user(id_or_phone)
        except InvalidPhone as error:
            raise bad_argument(f"{phone!r} is not a phone number.") from error
        except InvalidEmail as error:
            raise bad_argument(f"{email!r} is not an e-mail address.") from error
        except AccountClosed as error:
            raise bad_argument("This user is deactivated.") from error
