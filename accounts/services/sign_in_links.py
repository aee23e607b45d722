"""Links by which an operator lets a user sign in once, so that no gateway is needed to begin."""

import secrets
from datetime import timedelta

from django.utils import timezone

from accounts.models import SignInLink, User
from accounts.services.one_time_codes import WrongCode
from accounts.services.tokens import token_digest

LIFETIME = timedelta(hours=1)


def create_sign_in_link(*, user: User) -> str:
    """Returns the token of a new link, which is stored only as its digest. Older ones of the user stay valid."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(user=user, digest=token_digest(token), expires_at=timezone.now() + LIFETIME)
    return token


def open_sign_in_link(token: str) -> SignInLink | None:
    """Returns the link of this token; None when it was used, is too old or never was."""
    return SignInLink.objects.open().select_related("user").filter(digest=token_digest(token)).first()


def user_by_sign_in_link(*, token: str) -> User:
    """Returns the link's user and uses the link up. Raises `WrongCode` when it signs nobody in."""
    link = open_sign_in_link(token)
    if link is None or not SignInLink.objects.open().filter(pk=link.pk).update(used_at=timezone.now()):
        raise WrongCode
    return link.user
