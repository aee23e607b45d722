"""Which albums a command is about: some by id, or all that the options describe."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.management.arguments import required_user
from accounts.models import User
from albums.models import Album, AlbumQuerySet
from core.arguments import bad_argument, duration
from core.batching import batched

ALBUMS_PER_TRANSACTION = 500  # a command that is stopped loses no more than these


@dataclass(frozen=True)
class Selection:
    """Albums, as they were chosen: by ids, or by what the options say."""

    ids: Sequence[UUID]
    owner: User | None
    before: datetime | None

    def albums(self) -> AlbumQuerySet:
        """The chosen albums that are not deleted; `before` is left to the command."""
        albums = Album.objects.alive()
        if self.ids:
            albums = albums.filter(pk__in=self.ids)
        return albums.filter(owner=self.owner) if self.owner else albums


def add_selection(parser: CommandParser, *, everything: str, older_than: str) -> None:
    """Adds the arguments; `everything` and `older_than` say what these two mean here."""
    parser.add_argument("album", nargs="*", type=UUID, help="the ids of albums")
    parser.add_argument("--all", action="store_true", help=everything)
    parser.add_argument("--owner", default="", metavar="ID_OR_PHONE", help="those of this user")
    parser.add_argument("--older-than", type=duration, metavar="DURATION", help=f"{older_than} (90s, 10m, 2h, 7d)")


def selection(options: dict[str, Any], *, others: bool = False) -> Selection:
    """What was chosen. Choosing nothing is an error, not everything; so are unknown ids.

    `others`: an option of the command's own has chosen, too.
    """
    ids, older_than = list(dict.fromkeys(options["album"])), options["older_than"]
    described = bool(options["owner"] or older_than is not None or others)
    if options["all"] and (ids or described):
        raise bad_argument("--all goes without ids and other options that choose.")
    if not (ids or described or options["all"]):
        raise bad_argument("Which albums? Give ids, options that choose, or --all.")
    owner = required_user(options["owner"]) if options["owner"] else None
    _refuse_unknown(ids)
    return Selection(ids, owner, _ago(older_than))


def _refuse_unknown(ids: Sequence[UUID]) -> None:
    for batch in batched(ids):
        known = set(Album.objects.alive().filter(pk__in=batch).values_list("pk", flat=True))
        if unknown := [str(pk) for pk in batch if pk not in known]:
            raise bad_argument(f"There is no album {', '.join(unknown)}.")


def _ago(age: timedelta | None) -> datetime | None:
    return None if age is None else timezone.now() - age


def batches(albums: AlbumQuerySet) -> list[list[UUID]]:
    """The ids of the albums, as many as are written in one transaction."""
    return list(batched(albums.order_by("pk").values_list("pk", flat=True), ALBUMS_PER_TRANSACTION))
