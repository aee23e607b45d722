from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from accounts.models import User
from accounts.phones import InvalidPhone, normalise
from accounts.services import create_token, verify_phone
from core.arguments import bad_argument


class Command(BaseCommand):
    help = (
        "Creates a user, or finds one by phone or Facebook id, and prints a new access token as the last word. "
        "A phone given here counts as verified. Every run creates another token. Exit status: 0, 2 for wrong "
        "arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--phone", default="", help="the user's phone number")
        parser.add_argument("--name", default="", help="the user's name; replaces the name of an existing user")
        parser.add_argument("--fb-id", default="", help="the user's Facebook id")

    @transaction.atomic
    def handle(self, *args: object, phone: str, name: str, fb_id: str, **options: object) -> None:
        try:
            User(name=name, fb_id=fb_id or None).clean_fields(exclude=["password"])
            digits = normalise(phone) if phone else ""
        except ValidationError as error:
            raise bad_argument("; ".join(error.messages)) from error
        except InvalidPhone as error:
            raise bad_argument(f"{phone!r} is not a phone number.") from error
        user = self._find_user(digits, fb_id) or User.objects.create_user(fb_id=fb_id or None)
        user.name = name or user.name
        user.fb_id = fb_id or user.fb_id
        user.save()
        if digits and user.verified_phone != digits:
            verify_phone(user=user, phone=digits)
        self.stdout.write(f"user {user.pk} token {create_token(user=user)}")

    def _find_user(self, digits: str, fb_id: str) -> User | None:
        by_fb = User.objects.filter(fb_id=fb_id).first() if fb_id else None
        by_phone = User.objects.filter(verified_phone=digits).first() if digits else None
        if by_fb and by_phone and by_fb != by_phone:
            raise bad_argument("The phone and the Facebook id belong to two different users.")
        return by_fb or by_phone
