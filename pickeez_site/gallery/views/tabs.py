"""The tabs of an album: which of its photos one looks at, on the grid and from one photo to the next."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from albums.models import Album
from albums.selectors import members_of
from faces.member_view import Member
from faces.selectors import photos_showing
from photos.models import Photo, PhotoQuerySet
from photos.selectors import photos_liked_by

ALL, ME, LIKED, PERSON = "all", "me", "liked", "person"
ROUTES = {
    ALL: "gallery:album",
    ME: "gallery:album-me",
    LIKED: "gallery:album-liked",
    PERSON: "gallery:album-person",
}


@dataclass(frozen=True)
class Tab:
    """Photos of an album: all, those that show the viewer or another member, or those that the viewer likes."""

    album: Album
    viewer: User
    kind: str = ALL
    person_id: UUID | None = None

    @classmethod
    def of_query(cls, album: Album, viewer: User, query: QueryDict) -> Self:
        """Returns the tab that the address of a photo names. Raises `Http404` for one that is not there."""
        kind = query.get("in", ALL)
        if kind not in ROUTES:
            raise Http404
        return cls(album, viewer, kind, _member_id(album, query.get("person", "")) if kind == PERSON else None)

    @property
    def photos(self) -> PhotoQuerySet:
        photos = Photo.objects.alive().filter(album=self.album)
        if self.kind == LIKED:
            return photos_liked_by(photos, self.viewer)
        if self.kind == ALL:
            return photos
        return photos_showing(photos, self.viewer.pk if self.kind == ME else self.person_id)

    @property
    def path(self) -> str:
        """The path of the tab's page."""
        return reverse(ROUTES[self.kind], args=[self.album.pk, *([self.person_id] if self.person_id else [])])

    @property
    def query(self) -> str:
        """What the address of a photo ends with, so that the next photo is the next one of this tab."""
        if self.kind == ALL:
            return ""
        return f"?{urlencode({'in': self.kind, **({'person': self.person_id} if self.person_id else {})})}"


def name_of(member: Member | User) -> str:
    """Returns how a member is called on the pages: by their name, or else by the end of their phone."""
    if member.name:
        return member.name
    phone = member.verified_phone or member.phone
    return _("Guest ··%(digits)s") % {"digits": phone[-4:]} if phone else _("Guest")


def names_of(album: Album, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Returns what those of the users are called who are in the album."""
    return {user.pk: name_of(user) for user in members_of(album).filter(pk__in=user_ids)}


def _member_id(album: Album, text: str) -> UUID:
    try:
        return members_of(album).values_list("pk", flat=True).get(pk=UUID(text))
    except ValueError as error:
        raise Http404 from error
