"""Facebook: signing in with it, and the pictures that it has of a user. Nothing here touches the database."""

from accounts.facebook.graph import FacebookRefused, Graph, GraphRefused, GraphUnavailable
from accounts.facebook.pictures import Picture, TaggedPicture, profile_pictures, tagged_pictures
from accounts.facebook.sign_in import (
    STATE_SECONDS,
    Profile,
    check_state,
    dialog_url,
    identify,
    new_state,
    picture_is_facebooks,
)

__all__ = [
    "STATE_SECONDS",
    "FacebookRefused",
    "Graph",
    "GraphRefused",
    "GraphUnavailable",
    "Picture",
    "Profile",
    "TaggedPicture",
    "check_state",
    "dialog_url",
    "identify",
    "new_state",
    "picture_is_facebooks",
    "profile_pictures",
    "tagged_pictures",
]
