"""An album: its photos by day, in tabs, and how far their processing is."""

from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from albums.selectors import members_of
from albums.services import mark_viewed
from albums.states import AlbumState
from faces.member_view import AlbumHead, Entry, Moment, album_head, timeline_page
from faces.selectors import count_by_user_shown
from photos.models import Original, Photo, Rendition
from photos.selectors import Progress, photos_liked_by
from pickeez_site.gallery.views.base import AlbumView
from pickeez_site.gallery.views.people import people_of_album, undo_of
from pickeez_site.gallery.views.tabs import ALL, LIKED, ME, PERSON, Tab, name_of, names_of
from pickeez_site.serving.media import MediaPaths

PAGE = 200  # photos
MEMBERS = 100  # on a page of them
MOST_PAGES = 25  # in one answer, for who comes back to where they were
EAGER = 8  # pictures that browsers load at once, because they are on the first screen
# The shapes of tiles, width / height in percent: `album.css` has a class for each. What is longer is cropped.
SHAPES = (50, 56, 67, 75, 80, 90, 100, 110, 125, 133, 150, 178, 200, 240, 300, 400)
SETTLED = (AlbumState.IDLE, AlbumState.DONE)


class Tile(NamedTuple):
    """A photo on the grid. Without a `small` picture it is shown in words."""

    id: UUID
    path: str
    words: str
    liked: bool
    failed: bool
    error: str
    small: str = ""
    medium: str = ""
    small_width: int = 0
    medium_width: int = 0
    width: int = 0
    height: int = 0
    shape: int = 100
    lazy: bool = True


class TabbedView(AlbumView):
    """A page of the album with its head and tabs."""

    def shown(self, template: str, seen: AlbumHead, **context: object) -> HttpResponse:
        """Renders the page, and notes that the viewer has seen the album; asking for its head notes nothing."""
        if self.request.method == "GET":
            mark_viewed(album=self.album, user=self.viewer)
        photos = Photo.objects.alive().filter(album=self.album)
        common = {
            "album": seen,
            "owner_name": name_of(seen.owner),
            "is_owner": self.is_owner,
            "may_add": self.may_add,
            "mine": photos.filter(sightings__user=self.viewer, sightings__shows=True).count(),
            "liked": photos_liked_by(photos, self.viewer).count(),
            "is_settled": _is_settled(seen),
            "progress": _words_of(seen.progress, seen.state),
        }
        return self.page(template, common | context)


class TimelineView(TabbedView):
    """A tab's photos by day, newest first, a page at a time; `part=grid` asks for the days alone."""

    kind = ALL

    def get(self, request: HttpRequest, album_id: UUID, person_id: UUID | None = None) -> HttpResponse:
        person = members_of(self.album).get(pk=person_id) if person_id else None
        tab = Tab(self.album, self.viewer, self.kind, person_id)
        after = _moment(request.GET.get("after", ""))
        limit = PAGE * _pages(request.GET.get("pages", "1"))
        page = timeline_page(tab.photos, self.viewer, after=after, limit=limit)
        names = names_of(self.album, {entry.photo.uploader_id for entry in page.entries})
        tiles = _Tiles(tab, names, is_first=after is None)
        grid = {
            "days": [
                (day, [tiles.tile(entry) for entry in day_of]) for day, day_of in groupby(page.entries, _day)
            ],
            "more": f"{tab.path}?after={page.next_after.cursor}" if page.next_after else "",
        }
        if request.GET.get("part") == "grid":
            return self.page("parts/grid.html", grid)
        seen, person_name = album_head(self.album), name_of(person) if person else ""
        return self.shown("album.html", seen, tab=tab, is_first=after is None, person=person_name, **grid)


class MeView(TimelineView):
    kind = ME


class LikedView(TimelineView):
    kind = LIKED


class PersonView(TimelineView):
    kind = PERSON


class PeopleView(TabbedView):
    """The members, a hundred at a time, the owner first, each with how many photos show them."""

    def get(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        guests = members_of(self.album).exclude(pk=self.album.owner_id).order_by("-pk")
        page = Paginator(guests, MEMBERS).get_page(request.GET.get("page"))
        users = list(page.object_list) if page.has_previous() else [self.album.owner, *page.object_list]
        counts = count_by_user_shown(Photo.objects.alive().filter(album=self.album), users)
        members = [{"id": user.pk, "name": name_of(user), "photos": counts.get(user.pk, 0)} for user in users]
        return self.shown(
            "people.html",
            album_head(self.album),
            members=members,
            page=page,
            people=people_of_album(self.viewer, self.album.pk),
            undo=undo_of(request, self.viewer),
        )


class AlbumStateView(AlbumView):
    """How far the album is, for scripts: `{"total", "done", "failed", "settled", "words"}`."""

    def get(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        seen = album_head(self.album)
        numbers = seen.progress
        return JsonResponse(
            {
                "total": numbers.total,
                "done": numbers.done,
                "failed": numbers.failed,
                "settled": _is_settled(seen),
                "words": _words_of(numbers, seen.state),
            }
        )


class _Tiles:
    """Makes the tiles of one page."""

    def __init__(self, tab: Tab, names: dict[UUID, str], *, is_first: bool) -> None:
        self._tab, self._names = tab, names
        self._media = MediaPaths()
        self._eager = EAGER if is_first else 0

    def tile(self, entry: Entry) -> Tile:
        photo = entry.photo
        path = reverse("gallery:photo", args=[self._tab.album.pk, photo.id]) + self._tab.query
        tile = Tile(
            id=photo.id,
            path=path,
            words=words_for(entry, self._names.get(photo.uploader_id, "")),
            liked=photo.liked,
            failed=photo.status == Original.Status.FAILED,
            error=photo.error,
        )
        sizes = {rendition.kind: rendition for rendition in photo.renditions}
        if tile.failed or Rendition.Kind.SMALL not in sizes or Rendition.Kind.MEDIUM not in sizes:
            return tile
        small, medium = sizes[Rendition.Kind.SMALL], sizes[Rendition.Kind.MEDIUM]
        self._eager -= 1
        return tile._replace(
            small=self._media.rendition(photo.id, Rendition.Kind.SMALL),
            medium=self._media.rendition(photo.id, Rendition.Kind.MEDIUM),
            small_width=small.width,
            medium_width=medium.width,
            width=medium.width,
            height=medium.height,
            shape=_shape(medium.width, medium.height),
            lazy=self._eager < 0,
        )


def words_for(entry: Entry, uploader: str) -> str:
    """Returns what a screen reader says of a photo: who added it, and when it was taken or added."""
    words = _("Photo by %(name)s, %(time)s") if entry.is_dated else _("Photo by %(name)s, added %(time)s")
    return words % {"name": uploader, "time": date_format(entry.moment.clock, "DATETIME_FORMAT")}


def _day(entry: Entry) -> object:
    return entry.moment.clock.date()


def _shape(width: int, height: int) -> int:
    ratio = 100 * width / max(height, 1)
    return min(SHAPES, key=lambda shape: max(shape / ratio, ratio / shape))


def _moment(cursor: str) -> Moment | None:
    try:
        return Moment.parse(cursor) if cursor else None
    except ValueError as error:
        raise Http404 from error


def _pages(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= MOST_PAGES):
        raise Http404
    return int(text)


def _is_settled(album: AlbumHead) -> bool:
    return album.state in SETTLED and not album.progress.unfinished


def _words_of(numbers: Progress, state: AlbumState) -> str:
    """Returns in words how far the album is; nothing when nothing goes on."""
    if numbers.unfinished:
        words = ngettext(
            "%(done)s of %(total)s photo is ready.",
            "%(done)s of %(total)s photos are ready.",
            numbers.total,
        )
        return words % {"done": numbers.total - numbers.unfinished, "total": numbers.total}
    return "" if state in SETTLED else _("All photos are ready. Now we look who is on them.")
