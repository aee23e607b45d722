"""Queries for users."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import User
from accounts.phones import InvalidPhone, normalise


def is_named(user: User, names: Iterable[str]) -> bool:
    """Whether one of the names is the user's id or verified phone."""
    return any(_names(name, user) for name in names)


def _names(name: str, user: User) -> bool:
    try:
        return UUID(name) == user.pk
    except ValueError:
        pass
    try:
        return normalise(name) == user.verified_phone
    except InvalidPhone:
        return False


def find_user(id_or_phone: str) -> User | None:
    """Returns the active user with this id or verified phone; None when there is none."""
    active = User.objects.filter(is_active=True)
    try:
        return active.filter(pk=UUID(id_or_phone)).first()
    except ValueError:
        pass
    try:
        return active.filter(verified_phone=normalise(id_or_phone)).first()
    except InvalidPhone:
        return None
