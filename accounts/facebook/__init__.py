"""Facebook: signing in, and reading a user's pictures. Nothing here uses the database."""

from accounts.facebook.graph import FacebookRefused, Graph, GraphRefused, GraphUnavailable
from accounts.facebook.pictures import Picture, Tag, TaggedPicture, profile_pictures, tagged_pictures
from accounts.facebook.sign_in import (
    STATE_SECONDS,
    Profile,
    check_state,
    dialog_url,
    identify,
    is_facebook_picture,
    new_state,
)

__all__ = [
    "STATE_SECONDS",
    "FacebookRefused",
    "Graph",
    "GraphRefused",
    "GraphUnavailable",
    "Picture",
    "Profile",
    "Tag",
    "TaggedPicture",
    "check_state",
    "dialog_url",
    "identify",
    "is_facebook_picture",
    "new_state",
    "profile_pictures",
    "tagged_pictures",
]
