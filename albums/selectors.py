"""Reads of the albums that outgrow their querysets."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from albums.models import Album, Invitation


def members_of(album: Album) -> QuerySet[User]:
    """The album's owner and everybody who has claimed a live invitation to it."""
    joined = Invitation.objects.live().filter(album=album, claimed_by=OuterRef("pk"))
    return User.objects.filter(Q(pk=album.owner_id) | Exists(joined))
