"""Signing in with Facebook: the dialog, the state that ties its answer to a browser, and whom a token is of.

https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, TimestampSigner
from django.core.validators import validate_email
from django.utils.crypto import constant_time_compare

from accounts.facebook.graph import FacebookRefused, Graph, GraphRefused, require_app
from accounts.models import User

SCOPE = "email,user_photos"
STATE_SECONDS = 600
PROFILE_FIELDS = "id,name,email,picture.type(large){url,width,height,is_silhouette}"
_NOMINAL_DIALOG = "https://www.facebook.com/dialog/oauth"
_PICTURE_HOSTS = ("facebook.com", "fbcdn.net", "fbsbx.com")
_STATE_SALT = "accounts.facebook.state"


@dataclass(frozen=True)
class Profile:
    """A user as Facebook knows them; empty text for what it does not tell."""

    fb_id: str
    name: str
    email: str
    pic_url: str


def new_state() -> tuple[str, str]:
    """The `state` for a dialog, and the nonce in it, which is for the browser to keep."""
    nonce = secrets.token_urlsafe(24)
    return TimestampSigner(salt=_STATE_SALT).sign(nonce), nonce


def check_state(*, state: str, nonce: str) -> None:
    """Raises `FacebookRefused` for a state that is forged, old or of another browser than the nonce's."""
    try:
        signed = TimestampSigner(salt=_STATE_SALT).unsign(state, max_age=STATE_SECONDS)
    except BadSignature:
        signed = ""
    if not signed or not constant_time_compare(signed, nonce):
        raise FacebookRefused("This sign-in was not begun here, or too long ago. Please start again.")


def redirect_uri() -> str:
    """Where the dialog sends the browser back to. The app's settings at Facebook must allow it."""
    return f"{settings.PUBLIC_URL}/fb_enter"


def dialog_url(*, state: str) -> str:
    """Where a browser asks its user to approve the app. Raises `GraphUnavailable` when there is no app."""
    from requests_oauthlib import OAuth2Session

    require_app()
    session = OAuth2Session(settings.FACEBOOK_APP_ID, redirect_uri=redirect_uri(), scope=SCOPE)
    url, _ = session.authorization_url(_NOMINAL_DIALOG, state=state)
    return f"{settings.FACEBOOK_DIALOG_URL}?{urlsplit(url).query}"


def identify(*, access_token: str = "", code: str = "") -> tuple[Profile, str]:
    """Whose access token this is, or the one that an authorization code is good for; and that token.

    Raises `FacebookRefused` for what Facebook does not vouch for or another app was given, and `GraphUnavailable`.
    """
    try:
        with Graph() as graph:
            token = access_token or graph.exchange(code, redirect_uri())
            fb_id = _checked_id(graph.debug_token(token))
            graph.speak_for(token)
            profile = _profile(graph.get("/me", {"fields": PROFILE_FIELDS}))
    except GraphRefused:
        raise FacebookRefused("Facebook does not accept this code.") from None
    if profile.fb_id != fb_id:
        raise FacebookRefused("Facebook does not accept this code.")
    return profile, token


def _checked_id(facts: Mapping[str, Any]) -> str:
    """The Facebook id of the user to whom a token for our app, and for no other, was given."""
    expires_at = facts.get("expires_at") or 0  # none, or 0: never
    good = (
        facts.get("is_valid") is True
        and str(facts.get("app_id")) == settings.FACEBOOK_APP_ID
        and facts.get("type") in (None, "USER")
        and isinstance(expires_at, int | float)
        and (not expires_at or expires_at > time.time())
    )
    if not good:
        raise FacebookRefused("This token was not given to this app, or is no longer good.")
    return _id(facts.get("user_id"))


def _id(value: object) -> str:
    text = str(value) if isinstance(value, str | int) else ""
    if not (text.isascii() and text.isalnum() and len(text) <= 64):
        raise FacebookRefused("Facebook names no user for this code.")
    return text


def _profile(me: Mapping[str, Any]) -> Profile:
    return Profile(
        fb_id=_id(me.get("id")),
        name=_text(me.get("name"))[: User._meta.get_field("name").max_length],
        email=_email(_text(me.get("email"))),
        pic_url=_picture_url(me.get("picture")),
    )


def _text(value: object) -> str:
    """Text that a database can hold: without control characters and half surrogate pairs."""
    return "".join(c for c in value if c.isprintable()).strip() if isinstance(value, str) else ""


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return text if len(text) <= 254 else ""


def _picture_url(picture: object) -> str:
    data = picture.get("data") if isinstance(picture, dict) else None
    if not isinstance(data, dict) or data.get("is_silhouette") is True:
        return ""
    url = _text(data.get("url"))
    return url if url.startswith(("https://", "http://")) and len(url) <= 2000 else ""


def picture_is_facebooks(url: str) -> bool:
    """Whether Facebook gave this picture's URL. Those expire, so a fresher one may take its place."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host == urlsplit(settings.FACEBOOK_GRAPH_URL).hostname or any(
        host == own or host.endswith(f".{own}") for own in _PICTURE_HOSTS
    )
