"""Signing in with Facebook: the dialog, the state that binds its answer to a browser, and the user of a token.

https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
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
    """A user as Facebook describes them. What it does not tell is an empty string."""

    fb_id: str
    name: str
    email: str
    pic_url: str


def new_state() -> tuple[str, str]:
    """Returns the `state` for a dialog, and the nonce in it, which the browser stores."""
    nonce = secrets.token_urlsafe(24)
    return TimestampSigner(salt=_STATE_SALT).sign(nonce), nonce


def check_state(*, state: str, nonce: str) -> None:
    """Raises `FacebookRefused` for a state that is forged, too old, or not from the browser with this nonce."""
    try:
        signed = TimestampSigner(salt=_STATE_SALT).unsign(state, max_age=STATE_SECONDS)
    except BadSignature:
        signed = ""
    if not signed or not constant_time_compare(signed, nonce):
        raise FacebookRefused("This sign-in was not begun here, or too long ago. Please start again.")


def redirect_uri() -> str:
    """Returns the URL to which the dialog redirects. The app's settings at Facebook must allow it."""
    return f"{settings.PUBLIC_URL}/fb_enter"


def dialog_url(*, state: str) -> str:
    """Returns the URL of the dialog in which a user approves the app. Raises `GraphUnavailable` without an app."""
    from requests_oauthlib import OAuth2Session

    require_app()
    session = OAuth2Session(settings.FACEBOOK_APP_ID, redirect_uri=redirect_uri(), scope=SCOPE)
    url, _ = session.authorization_url(_NOMINAL_DIALOG, state=state)
    return f"{settings.FACEBOOK_DIALOG_URL}?{urlsplit(url).query}"


def identify(*, access_token: str = "", code: str = "") -> tuple[Profile, str]:
    """Returns the user of an access token or an authorization code, and the access token.

    Raises `GraphUnavailable`, and `FacebookRefused` when Facebook does not accept it or gave it to another app.
    """
    try:
        with Graph() as graph:
            token = access_token or graph.exchange(code, redirect_uri())
            fb_id = _verified_user_id(graph.debug_token(token))
            graph.use_token(token)
            profile = _read_profile(graph.get("/me", {"fields": PROFILE_FIELDS}))
    except GraphRefused:
        raise FacebookRefused("Facebook does not accept this code.") from None
    if profile.fb_id != fb_id:
        raise FacebookRefused("Facebook does not accept this code.")
    return profile, token


def _verified_user_id(facts: Mapping[str, object]) -> str:
    """Returns the Facebook id of the token's user. Raises `FacebookRefused` for invalid tokens and other apps'."""
    expires_at = facts.get("expires_at") or 0  # missing or 0: never
    is_valid = (
        facts.get("is_valid") is True
        and str(facts.get("app_id")) == settings.FACEBOOK_APP_ID
        and facts.get("type") in (None, "USER")
        and isinstance(expires_at, int | float)
        and (not expires_at or expires_at > time.time())
    )
    if not is_valid:
        raise FacebookRefused("This token was not given to this app, or is no longer good.")
    return _id(facts.get("user_id"))


def _id(value: object) -> str:
    text = str(value) if isinstance(value, str | int) else ""
    if not (text.isascii() and text.isalnum() and len(text) <= 64):
        raise FacebookRefused("Facebook names no user for this code.")
    return text


def _read_profile(me: Mapping[str, object]) -> Profile:
    email = _text(me.get("email"))
    try:
        validate_email(email)
    except ValidationError:
        email = ""
    picture = me.get("picture")
    data = picture.get("data") if isinstance(picture, dict) else None
    url = _text(data.get("url")) if isinstance(data, dict) and data.get("is_silhouette") is not True else ""
    return Profile(
        fb_id=_id(me.get("id")),
        name=_text(me.get("name"))[: User._meta.get_field("name").max_length],
        email=email if len(email) <= 254 else "",
        pic_url=url if url.startswith(("https://", "http://")) and len(url) <= 2000 else "",
    )


def _text(value: object) -> str:
    """Returns the text without control characters and lone surrogates, which a database cannot store."""
    return "".join(c for c in value if c.isprintable()).strip() if isinstance(value, str) else ""


def is_facebook_picture(url: str) -> bool:
    """Returns whether the URL is Facebook's. Those expire, so a newer one may replace it."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host == urlsplit(settings.FACEBOOK_GRAPH_URL).hostname or any(
        host == own or host.endswith(f".{own}") for own in _PICTURE_HOSTS
    )
