"""Arguments by which commands select albums: by id, or by options."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.management.arguments import required_user
from accounts.models import User
from albums.models import Album, AlbumQuerySet
from core.arguments import bad_argument, duration
from core.batching import batched

ALBUMS_PER_TRANSACTION = 500  # the most that a stopped command has to repeat


@dataclass(frozen=True)
class Selection:
    """Albums selected by ids or by options."""

    ids: Sequence[UUID]
    owner: User | None
    before: datetime | None

    def albums(self) -> AlbumQuerySet:
        """Returns the selected albums that are not deleted. The command itself applies `before`."""
        albums = Album.objects.alive()
        if self.ids:
            albums = albums.filter(pk__in=self.ids)
        return albums.filter(owner=self.owner) if self.owner else albums


def add_selection(parser: CommandParser, *, everything: str, older_than: str) -> None:
    """Adds the arguments. `everything` and `older_than` describe `--all` and `--older-than` of this command."""
    parser.add_argument("album", nargs="*", type=UUID, help="the ids of albums")
    parser.add_argument("--all", action="store_true", help=everything)
    parser.add_argument("--owner", default="", metavar="ID_OR_PHONE", help="albums of this user")
    parser.add_argument("--older-than", type=duration, metavar="DURATION", help=f"{older_than} (90s, 10m, 2h, 7d)")


def parse_selection(options: Mapping[str, Any], *, has_own_filter: bool = False) -> Selection:
    """Returns the selected albums. Raises `CommandError` for unknown ids, and when nothing was selected.

    `has_own_filter` is true when the command has an option of its own that selects albums, and it was given.
    """
    ids, older_than = list(dict.fromkeys(options["album"])), options["older_than"]
    has_filter = bool(options["owner"] or older_than is not None or has_own_filter)
    if options["all"] and (ids or has_filter):
        raise bad_argument("--all cannot be combined with ids or other options that select albums.")
    if not (ids or has_filter or options["all"]):
        raise bad_argument("Which albums? Give ids, options that select albums, or --all.")
    owner = required_user(options["owner"]) if options["owner"] else None
    for batch in batched(ids):
        known = set(Album.objects.alive().filter(pk__in=batch).values_list("pk", flat=True))
        if unknown := [str(pk) for pk in batch if pk not in known]:
            raise bad_argument(f"There is no album {', '.join(unknown)}.")
    return Selection(ids, owner, None if older_than is None else timezone.now() - older_than)


def id_batches(albums: AlbumQuerySet) -> list[list[UUID]]:
    """Returns the ids of the albums in lists, one for each transaction."""
    return list(batched(albums.order_by("pk").values_list("pk", flat=True), ALBUMS_PER_TRANSACTION))
