"""Browser sessions in the database: hashed at rest, and known by their user.

Extends Django's store in the documented way (How to use sessions, Extending database-backed session engines).
"""

from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from accounts.models import BrowserSession
from accounts.services.tokens import token_digest

USER_AGENT = "user_agent"
MAX_USER_AGENT = 300


class SessionStore(DatabaseStore):
    """Finds a session by the SHA-256 of its key, so that the database reveals no cookie."""

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        return BrowserSession

    def _get_session_from_db(self) -> BrowserSession | None:
        row = BrowserSession.objects.filter(
            session_key=token_digest(self.session_key or ""), expire_date__gt=timezone.now()
        ).first()
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        return BrowserSession.objects.filter(session_key=token_digest(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        digest = token_digest(self._get_or_create_session_key())  # type: ignore[attr-defined]
        row = BrowserSession.objects.filter(session_key=digest).first() or BrowserSession(session_key=digest)
        row.session_data = self.encode(data)
        row.expire_date = self.get_expiry_date()
        row.user_id = UUID(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.user_agent = str(data.get(USER_AGENT, ""))[:MAX_USER_AGENT]
        row.last_seen = timezone.now()
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            BrowserSession.objects.filter(session_key=token_digest(key)).delete()
