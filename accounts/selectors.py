"""Reads of the users that outgrow their manager."""

from uuid import UUID

from accounts.models import User
from accounts.phones import NotAPhone, normalise


def user_named(id_or_phone: str) -> User | None:
    """The active user with this id or verified phone."""
    active = User.objects.filter(is_active=True)
    try:
        return active.filter(pk=UUID(id_or_phone)).first()
    except ValueError:
        pass
    try:
        return active.filter(verified_phone=normalise(id_or_phone)).first()
    except NotAPhone:
        return None
