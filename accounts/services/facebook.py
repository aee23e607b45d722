"""Users who come from Facebook: signing them in, and reading their pictures with the token that they left."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import facebook
from accounts.facebook import (
    FacebookRefused,
    Graph,
    GraphRefused,
    Picture,
    Profile,
    TaggedPicture,
    picture_is_facebooks,
)
from accounts.models import User
from accounts.services.throttling import Limit, consume
from accounts.services.tokens import create_token
from accounts.signals import pic_url_changed
from core.encryption import DecryptionError, decrypt, encrypt

Read = TypeVar("Read")


def sign_in_with_facebook(
    *, access_token: str = "", code: str = "", address: str | None = None
) -> tuple[User, str]:
    """The user of a Facebook access token or authorization code, made if new, and a fresh token of ours.

    Raises `accounts.facebook.FacebookRefused` (for a user who was shut out, too), `GraphUnavailable`, and
    `TooMany` for an address that asks too often: every time costs several calls to Facebook.
    """
    if address:
        consume([Limit("Facebook by address", address, settings.FACEBOOK_SIGN_INS_PER_ADDRESS_PER_HOUR)])
    profile, fb_token = facebook.identify(access_token=access_token, code=code)
    with transaction.atomic():
        user = _user_of(profile.fb_id)
        if not user.is_active:
            raise FacebookRefused("This account is closed.")
        _fill(user, profile)
        user.fb_token = encrypt(fb_token, purpose=_purpose(user))
        user.save(update_fields=["name", "email", "pic_url", "fb_token", "updated_at"])
        return user, create_token(user=user)


def _user_of(fb_id: str) -> User:
    user = User.objects.filter(fb_id=fb_id).first()
    if user is not None:
        return user
    try:
        with transaction.atomic():
            return User.objects.create_user(fb_id=fb_id)
    except IntegrityError:  # another request made the same user meanwhile
        return User.objects.get(fb_id=fb_id)


def _fill(user: User, profile: Profile) -> None:
    """Takes what the user has not set themselves; a picture of Facebook's, whose URLs expire, anew each time."""
    user.name = user.name or profile.name
    user.email = user.email or profile.email
    may_change = not user.pic_url or picture_is_facebooks(user.pic_url)
    if may_change and profile.pic_url not in ("", user.pic_url):
        user.pic_url = profile.pic_url
        pic_url_changed.send(User, user=user)


def profile_pictures(*, user: User) -> list[Picture]:
    """The user's profile pictures at Facebook; none without a token that Facebook still takes.

    Raises `accounts.facebook.GraphUnavailable`.
    """
    return _read(user, facebook.profile_pictures, [])


def tagged_pictures(*, user: User, limit: int) -> list[TaggedPicture]:
    """At most `limit` pictures at Facebook that the user is tagged on; none and raises like `profile_pictures`."""
    return _read(user, lambda graph, fb_id: facebook.tagged_pictures(graph, fb_id, limit=limit), [])


def fb_data_of(*, user: User, limit: int) -> dict[str, Any]:
    """What an algorithm learns a Facebook user's looks from; at most `limit` tagged pictures.

    `{"user_fb_id", "profile_pics": [{"image"}], "tagged_pics": [{"image", "tag"}]}`: an image `{"source", "width",
    "height"}`, a tag `{"x", "y"}` in percent or None. Raises `accounts.facebook.GraphUnavailable`.
    """
    nothing: tuple[list[Picture], list[TaggedPicture]] = [], []
    own, tagged = _read(user, lambda graph, fb_id: _all_pictures(graph, fb_id, limit), nothing)
    return {
        "user_fb_id": user.fb_id,
        "profile_pics": [{"image": _image(picture)} for picture in own],
        "tagged_pics": [{"image": _image(picture), "tag": picture.tag} for picture in tagged],
    }


def _all_pictures(graph: Graph, fb_id: str, limit: int) -> tuple[list[Picture], list[TaggedPicture]]:
    return facebook.profile_pictures(graph, fb_id), facebook.tagged_pictures(graph, fb_id, limit=limit)


def _image(picture: Picture) -> dict[str, Any]:
    return {"source": picture.source, "width": picture.width, "height": picture.height}


def _read(user: User, read: Callable[[Graph, str], Read], nothing: Read) -> Read:
    """What `read` finds in the user's name. A token that is no longer good is forgotten."""
    stored = user.fb_token
    if not (user.fb_id and stored):
        return nothing
    try:
        with Graph(decrypt(stored, purpose=_purpose(user))) as graph:
            return read(graph, user.fb_id)
    except (GraphRefused, DecryptionError):
        # Only this one: a newer sign-in may have left a better token meanwhile.
        User.objects.filter(pk=user.pk, fb_token=stored).update(fb_token="")
        user.fb_token = ""
        return nothing


def _purpose(user: User) -> str:
    """Ties a stored token to its user: in another's row it cannot be read."""
    return f"accounts.fb_token:{user.pk}"
