"""The sessions of users' browsers: which there are, and their end."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import AccessToken, BrowserSession, User
from accounts.services.tokens import revoke_tokens, token_digest


def sessions_of(user: User) -> QuerySet[BrowserSession]:
    """Returns the user's sessions that are still valid, the one last seen first."""
    return BrowserSession.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-last_seen", "-pk")


def is_session(row: BrowserSession, session_key: str | None) -> bool:
    """Returns whether the row is the session of the cookie with this key."""
    return bool(session_key) and row.session_key == token_digest(session_key or "")


def end_session(*, user: User, session_id: UUID) -> None:
    """Signs the user out of one browser. Raises `BrowserSession.DoesNotExist` when it is not theirs."""
    BrowserSession.objects.get(user=user, pk=session_id).delete()


def end_other_sessions(*, user: User, session_key: str | None) -> int:
    """Signs the user out of all browsers but the one with this key, and returns the number."""
    return _end(sessions_of(user).exclude(session_key=token_digest(session_key or "")))


def sign_out_everywhere(*, users: QuerySet[User]) -> int:
    """Revokes all tokens of the users, ends all sessions of their browsers, and returns the number of both."""
    tokens = revoke_tokens(tokens=AccessToken.objects.filter(user__in=users.order_by()))
    return tokens + _end(BrowserSession.objects.filter(user__in=users.order_by()))


def delete_ended_sessions() -> int:
    """Deletes the sessions that have expired, and those of users who were deactivated."""
    ended = Q(expire_date__lt=timezone.now()) | Q(user__is_active=False)
    return _end(BrowserSession.objects.filter(ended))


def _end(sessions: QuerySet[BrowserSession]) -> int:
    """Deletes the sessions, with the pushes to their browsers, and returns the number of sessions."""
    return sessions.delete()[1].get(BrowserSession._meta.label, 0)
