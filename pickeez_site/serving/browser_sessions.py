"""Keeps sessions that are in use: each use, at most every quarter of an hour, makes one last anew."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.sessions import MAX_USER_AGENT, USER_AGENT

SEEN_AT = "seen_at"


class LastSeenMiddleware:
    """Notes when a signed-in browser was last seen and what it calls itself, and renews its cookie.

    It only looks at sessions that were read anyway, so that programs without one cost nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        session = request.session
        if session.accessed and SESSION_KEY in session:
            now = int(time.time())
            is_stale = now - session.get(SEEN_AT, 0) >= settings.SESSION_SEEN_SECONDS
            key = session.session_key
            # Not when this very request has ended it. Without a key it is new, and stored after this.
            if is_stale and (key is None or session.exists(key)):
                session[SEEN_AT] = now
                session[USER_AGENT] = request.headers.get("User-Agent", "")[:MAX_USER_AGENT]
        return response
