import hashlib
import secrets

from django.db.models import QuerySet

from accounts.models import AccessToken, User


def digest_of(token: str) -> str:
    """SHA-256 of a token, in hex. Tokens have 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_token(*, user: User) -> str:
    """A new access token of the user. It is shown this once and kept only as a digest."""
    token = secrets.token_urlsafe(32)
    AccessToken.objects.create(digest=digest_of(token), user=user)
    return token


def user_of_token(token: str) -> User | None:
    """Whose token this is. The database compares digests, so timing tells nothing about a token."""
    found = (
        AccessToken.objects.select_related("user").filter(digest=digest_of(token), user__is_active=True).first()
    )
    return found.user if found else None


def revoke_token(*, token: str) -> None:
    AccessToken.objects.filter(digest=digest_of(token)).delete()


def revoke_tokens(*, tokens: QuerySet[AccessToken]) -> int:
    """Makes the tokens useless at once; returns how many there were."""
    return AccessToken.objects.filter(pk__in=tokens.order_by().values("pk")).delete()[0]


def sign_out_everywhere(*, users: QuerySet[User]) -> int:
    """Revokes all tokens of the users; returns how many there were."""
    return revoke_tokens(tokens=AccessToken.objects.filter(user__in=users.order_by()))
