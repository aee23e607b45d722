"""Users who sign in with a provider of OpenID Connect."""

from contextlib import suppress

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.emails import InvalidEmail, normalise_email
from accounts.models import ExternalIdentity, User
from accounts.services.email_codes import verify_email
from accounts.services.one_time_codes import AccountClosed
from accounts.services.users import set_name


def user_by_identity(*, issuer: str, subject: str, verified_email: str = "", name: str = "") -> User:
    """Returns the user whom the provider calls `subject`, created if new. Raises `AccountClosed`.

    A subject that is new here becomes that of the user who has verified the same e-mail address, if the provider
    has verified it, too; never by an address that it has not. Later only the subject counts.
    """
    try:
        return _find_or_create(issuer, subject, verified_email, name)
    except IntegrityError:  # the same subject, signed in twice at the same moment
        return _find_or_create(issuer, subject, verified_email, name)


@transaction.atomic
def _find_or_create(issuer: str, subject: str, verified_email: str, name: str) -> User:
    known = ExternalIdentity.objects.select_related("user").filter(issuer=issuer, subject=subject).first()
    email = _readable(verified_email)
    if known:
        user: User | None = known.user
    else:
        user = User.objects.filter(verified_email=email).first() if email else None
    if user and not user.is_active:
        raise AccountClosed
    if user is None:
        user = User.objects.create_user()
        with suppress(ValidationError):
            set_name(user=user, name=name)
        if email:
            verify_email(user=user, email=email)
    if known is None:
        ExternalIdentity.objects.create(user=user, issuer=issuer, subject=subject)
    return user


def _readable(email: str) -> str:
    """Returns the address in its one form; empty for what is none.

    Nothing was ever sent to this form of it. So the mailbox must be written in ASCII: at hosts that allow more,
    one in full-width letters, say, is another mailbox than the same in plain letters, and may be somebody else's.
    """
    if not email.rpartition("@")[0].isascii():
        return ""
    try:
        return normalise_email(email) if email else ""
    except InvalidEmail:
        return ""
