import hashlib
import secrets

from django.db.models import QuerySet

from accounts.models import AccessToken, User


def token_digest(token: str) -> str:
    """Returns the SHA-256 of a token in hex. Tokens have 256 random bits, so a plain hash cannot be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_token(*, user: User) -> str:
    """Creates an access token and returns it. Only its digest is stored, so it cannot be shown again."""
    token = secrets.token_urlsafe(32)
    AccessToken.objects.create(digest=token_digest(token), user=user)
    return token


def user_for_token(token: str) -> User | None:
    """Returns the active user of the token. The database compares digests, so timing reveals no token."""
    access_token = (
        AccessToken.objects.select_related("user").filter(digest=token_digest(token), user__is_active=True).first()
    )
    return access_token.user if access_token else None


def revoke_token(*, token: str) -> None:
    AccessToken.objects.filter(digest=token_digest(token)).delete()


def revoke_tokens(*, tokens: QuerySet[AccessToken]) -> int:
    """Deletes the tokens and returns their number."""
    return AccessToken.objects.filter(pk__in=tokens.order_by().values("pk")).delete()[0]
