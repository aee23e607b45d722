"""Queries for users."""

from uuid import UUID

from accounts.models import User
from accounts.phones import InvalidPhone, normalise


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
