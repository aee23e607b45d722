"""Albums whose names are unique for their owner."""

from django.db import transaction

from accounts.models import User
from albums.models import Album
from albums.selectors import albums_named


class NameInUse(Exception):
    """The user already has an album of that name."""


class NameShared(Exception):
    """Several albums of the user have that name."""


def only_album_named(*, owner: User, name: str) -> Album:
    """Returns what `albums_named` does. Raises `Album.DoesNotExist`, and `NameShared` for several."""
    try:
        return albums_named(owner, name).get()
    except Album.MultipleObjectsReturned as error:
        raise NameShared from error


@transaction.atomic
def create_named_album(*, owner: User, name: str, description: str = "") -> Album:
    """Creates an album. Raises `NameInUse` when the owner has another one that goes by that name, or that id."""
    User.objects.select_for_update().get(pk=owner.pk)  # two requests may choose the same name
    if albums_named(owner, name).exists():
        raise NameInUse
    return Album.objects.create(owner=owner, name=name, description=description)


def set_description(*, album: Album, description: str) -> None:
    album.description = description
    album.save(update_fields=["description", "updated_at"])
