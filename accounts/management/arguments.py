"""Users in the arguments of commands."""

from accounts.models import User
from accounts.selectors import find_user
from core.arguments import bad_argument


def required_user(id_or_phone: str) -> User:
    """Returns the active user with this id or verified phone. Raises `CommandError` when there is none."""
    user = find_user(id_or_phone)
    if user is None:
        raise bad_argument(f"There is no user {id_or_phone!r}.")
    return user
