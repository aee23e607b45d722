"""Changes that users make to themselves, and their deletion."""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.models import EmailCode, Message, PhoneCode, User, WrongGuesses
from accounts.signals import before_user_deletion, pic_url_changed

MAX_NAME = 200
# Blanks, characters without width, soft hyphens, and marks of direction: a name of these only would show nothing.
_UNSEEN = re.compile(r"[\s\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")


@transaction.atomic
def set_pic_url(*, user: User, pic_url: str) -> None:
    """Stores the URL of the user's picture as it was given.

    Raises `ValidationError` for a scheme other than http or https, which no browser should follow.
    """
    try:
        scheme = urlsplit(pic_url).scheme
    except ValueError as error:
        raise ValidationError("The pic_url is not a URL.", code="bad_url") from error
    if scheme not in ("", "http", "https"):
        raise ValidationError("The pic_url must be an http(s) URL.", code="bad_scheme")
    user.pic_url = pic_url
    user.save(update_fields=["pic_url", "updated_at"])
    pic_url_changed.send(User, user=user)


def validate_name(name: str) -> None:
    """Raises `ValidationError` unless the name is one line of 1 to 200 characters, of which one can be seen."""
    is_text = len(name.splitlines()) == 1 and "\0" not in name  # PostgreSQL stores no NUL
    if not is_text or not _UNSEEN.sub("", name) or len(name) > MAX_NAME:
        raise ValidationError(f"A name is one line of 1 to {MAX_NAME} characters.", code="bad_name")


def set_name(*, user: User, name: str) -> None:
    """Stores the name by which messages call the user. Raises `ValidationError` like `validate_name`."""
    validate_name(name)
    user.name = name.strip()
    user.save(update_fields=["name", "updated_at"])


def set_pushes_wanted(*, user: User, wanted: bool) -> None:
    user.send_push_notifs = wanted
    user.save(update_fields=["send_push_notifs", "updated_at"])


def set_push_token(*, user: User, token: str) -> None:
    user.push_notif_token = token
    user.save(update_fields=["push_notif_token", "updated_at"])


@transaction.atomic
def delete_user(*, user: User) -> None:
    """Deletes the user and everything that belongs to them. Files are removed after the commit."""
    before_user_deletion.send(User, user=user)
    own_phones = [phone for phone in (user.phone, user.verified_phone) if phone]
    PhoneCode.objects.filter(Q(phone__in=own_phones) & (Q(user=None) | Q(user=user))).delete()
    own_emails = [email for email in (user.email, user.verified_email) if email]
    EmailCode.objects.filter(Q(email__in=own_emails) & (Q(user=None) | Q(user=user))).delete()
    Message.objects.filter(Q(phone=user.verified_phone or "-") | Q(email=user.verified_email or "-")).delete()
    WrongGuesses.objects.filter(pk__in=[user.verified_phone or "-", user.verified_email or "-"]).delete()
    user.delete()
