"""Signs users in with Facebook, and reads their pictures with the token that is stored from signing in."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TypeVar

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import facebook
from accounts.facebook import (
    FacebookRefused,
    Graph,
    GraphRefused,
    Picture,
    Profile,
    TaggedPicture,
    is_facebook_picture,
)
from accounts.models import User
from accounts.services.throttling import address_limit, consume
from accounts.services.tokens import create_token
from accounts.signals import pic_url_changed
from core.encryption import DecryptionError, decrypt, encrypt

Result = TypeVar("Result")


def sign_in_with_facebook(
    *, access_token: str = "", code: str = "", address: str | None = None
) -> tuple[User, str]:
    """Returns the user of a Facebook access token or authorization code, created if new, and a new token of ours.

    Raises `accounts.facebook.FacebookRefused` (also for a deactivated user), `GraphUnavailable`, and
    `RateLimitExceeded` for an address that signs in too often: each time costs several calls to Facebook.
    """
    if address:
        per_hour = settings.FACEBOOK_SIGN_INS_PER_ADDRESS_PER_HOUR
        consume([address_limit("Facebook by address", address, per_hour)])
    profile, fb_token = facebook.identify(access_token=access_token, code=code)
    with transaction.atomic():
        unusable = {"password": make_password(None)}
        user, _ = User.objects.get_or_create(fb_id=profile.fb_id, defaults=unusable)
        if not user.is_active:
            raise FacebookRefused("This account is closed.")
        _update_from_profile(user, profile)
        user.fb_token = encrypt(fb_token, purpose=_purpose(user))
        user.save(update_fields=["name", "email", "pic_url", "fb_token", "updated_at"])
        return user, create_token(user=user)


def _update_from_profile(user: User, profile: Profile) -> None:
    """Fills in what the user has not set. Replaces a picture of Facebook's, because its URLs expire."""
    user.name = user.name or profile.name
    user.email = user.email or profile.email
    may_change = not user.pic_url or is_facebook_picture(user.pic_url)
    if may_change and profile.pic_url not in ("", user.pic_url):
        user.pic_url = profile.pic_url
        pic_url_changed.send(User, user=user)


def profile_pictures(*, user: User) -> list[Picture]:
    """Returns the user's profile pictures at Facebook; none without a valid token.

    Raises `accounts.facebook.GraphUnavailable`.
    """
    return _read(user, facebook.profile_pictures, [])


def tagged_pictures(*, user: User, limit: int) -> list[TaggedPicture]:
    """Returns at most `limit` pictures that the user is tagged on. Otherwise like `profile_pictures`."""
    return _read(user, lambda graph, fb_id: facebook.tagged_pictures(graph, fb_id, limit=limit), [])


def get_facebook_data(*, user: User, limit: int) -> dict[str, object]:
    """Returns the pictures from which an algorithm learns how a user looks; at most `limit` tagged ones.

    `{"user_fb_id", "profile_pics": [{"image"}], "tagged_pics": [{"image", "tag"}]}`: an image is `{"source",
    "width", "height"}`, a tag `{"id", "name", "x", "y", "created_time"}` (`accounts.facebook.Tag`) or None. Raises
    `accounts.facebook.GraphUnavailable`.
    """

    def read(graph: Graph, fb_id: str) -> tuple[list[Picture], list[TaggedPicture]]:
        return facebook.profile_pictures(graph, fb_id), facebook.tagged_pictures(graph, fb_id, limit=limit)

    nothing: tuple[list[Picture], list[TaggedPicture]] = [], []
    profile, tagged = _read(user, read, nothing)
    return {
        "user_fb_id": user.fb_id,
        "profile_pics": [{"image": _image(picture)} for picture in profile],
        "tagged_pics": [
            {"image": _image(picture), "tag": asdict(picture.tag) if picture.tag else None} for picture in tagged
        ],
    }


def _image(picture: Picture) -> dict[str, object]:
    return {"source": picture.source, "width": picture.width, "height": picture.height}


def _read(user: User, read: Callable[[Graph, str], Result], nothing: Result) -> Result:
    """Calls `read` with the user's token. Returns `nothing` without a valid token, and deletes one that is not."""
    stored = user.fb_token
    if not (user.fb_id and stored):
        return nothing
    try:
        with Graph(decrypt(stored, purpose=_purpose(user))) as graph:
            return read(graph, user.fb_id)
    except (GraphRefused, DecryptionError):
        # Only this token: a sign-in may have stored a newer one meanwhile.
        User.objects.filter(pk=user.pk, fb_token=stored).update(fb_token="")
        user.fb_token = ""
        return nothing


def _purpose(user: User) -> str:
    """Binds an encrypted token to its user: in the row of another user it cannot be decrypted."""
    return f"accounts.fb_token:{user.pk}"
