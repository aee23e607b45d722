"""Facebook: signing in with it, and the pictures that it has of a user."""

from accounts.facebook.graph import FacebookRefused, GraphUnavailable
from accounts.facebook.pictures import Picture, TaggedPicture, fb_data_of, profile_pictures, tagged_pictures
from accounts.facebook.sign_in import (
    STATE_SECONDS,
    Profile,
    check_state,
    dialog_url,
    exchange_code,
    identify,
    new_state,
    picture_is_facebooks,
)

__all__ = [
    "STATE_SECONDS",
    "FacebookRefused",
    "GraphUnavailable",
    "Picture",
    "Profile",
    "TaggedPicture",
    "check_state",
    "dialog_url",
    "exchange_code",
    "fb_data_of",
    "identify",
    "new_state",
    "picture_is_facebooks",
    "profile_pictures",
    "tagged_pictures",
]
