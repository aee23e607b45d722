"""Groups: albums, as shops know them."""

from collections.abc import Sequence
from typing import Annotated

from django.conf import settings
from msgspec import UNSET, Meta, UnsetType

from albums.models import Album
from albums.services import ensure_tokens
from photos.models import Rendition
from photos.selectors import contents_of
from pickeez_site.dialects.picthrive.wire.values import (
    OF_REGIONS,
    Asked,
    Name,
    Page,
    PicThriveWire,
    Suffix,
    When,
    unix,
)
from pickeez_site.dialects.wire import Count, Id
from pickeez_site.serving.media import media_path

MAX_GROUPS = 1000  # in one answer


class Group(PicThriveWire):
    owner_id: Id
    group_id: Id
    name: Annotated[str, Meta(description="Empty where another API made the group without a name.")]
    token: Annotated[str, Meta(min_length=1, description="Opens the public view.")]
    count: Annotated[Count, Meta(description="Photos in it.")]
    thumb: Suffix | None
    thumb_region: Annotated[str | None, OF_REGIONS]
    when_unix: Annotated[int | None, Meta(description="When it took place; Unix seconds.")]
    deleted: bool
    last_updated_unix: Annotated[int, Meta(description="Of the group or one of its photos; Unix seconds.")]
    uploading_unix: Annotated[
        int | None, Meta(description="When a client last said that it uploads; Unix seconds.")
    ]


class NewGroup(Asked):
    name: Name
    when_unix: When = None


class GroupChange(Asked):
    name: Name | UnsetType = UNSET
    when_unix: When | UnsetType = UNSET


class Groups(Page, kw_only=True):
    groups: Annotated[list[Group], Meta(max_length=MAX_GROUPS)]


def groups_of(albums: Sequence[Album]) -> list[Group]:
    """Groups as their members see them."""
    tokens = ensure_tokens(albums=albums)
    contents = contents_of([album.pk for album in albums])

    def made(album: Album) -> Group:
        content = contents[album.pk]
        thumb = None if album.deleted_at else content.first
        return Group(
            owner_id=album.owner_id,
            group_id=album.pk,
            name=album.name,
            token=tokens[album.pk],
            count=content.count,
            thumb=media_path(thumb, Rendition.Kind.SMALL) if thumb else None,
            thumb_region=settings.REGION_NAME if thumb else None,
            when_unix=unix(album.event_at) if album.event_at else None,
            deleted=album.deleted_at is not None,
            last_updated_unix=unix(max(album.updated_at, content.updated_at or album.updated_at)),
            uploading_unix=unix(album.uploading_at) if album.uploading_at else None,
        )

    return [made(album) for album in albums]
