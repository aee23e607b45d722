"""Users as arguments of commands."""

from accounts.models import User
from accounts.selectors import user_named
from core.arguments import bad_argument


def required_user(id_or_phone: str) -> User:
    """The active user with this id or verified phone; a `CommandError` when there is none."""
    user = user_named(id_or_phone)
    if user is None:
        raise bad_argument(f"There is no user {id_or_phone!r}.")
    return user
