"""Taking photos along: as an archive, which the worker makes, or by the system's share sheet."""

from pathlib import PurePosixPath
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from photos.models import ORIGINAL, Original, Photo, PhotoQuerySet, Rendition, Zip, ZipQuerySet
from photos.selectors import photos_liked_by
from photos.services import TooManyZips, request_album_zip
from photos.services.zips import MAX_PHOTOS, MAX_UNFINISHED
from pickeez_site.gallery.views.base import AlbumView
from pickeez_site.serving.media import RENDITION_TYPE, MediaPaths, zip_path

PAGE = 120  # photos with a checkbox
MAX_SHARED = 30  # photos in one share sheet: a browser holds them in memory


class Choice(NamedTuple):
    """Photos that are taken together, in parts of `MAX_PHOTOS`; `size` is in bytes."""

    what: str
    title: str
    number: int
    size: int
    parts: list[int]


class DownloadView(AlbumView):
    """The page with what can be taken, and the form that asks for it."""

    def get(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        after = request.GET.get("after", "")
        photos = self._photos().order_by("pk").select_related("original")
        if after:
            photos = photos.filter(pk__gt=_id_of(after))
        found = list(photos[: PAGE + 1])
        media = MediaPaths()
        context = {
            "album": self.album,
            "choices": list(self._choices()),
            "archives": self._archives().order_by("-pk")[:20],
            "photos": [(photo, media.rendition(photo.pk, Rendition.Kind.SQUARE)) for photo in found[:PAGE]],
            "next_after": found[PAGE - 1].pk if len(found) > PAGE else None,
            "is_first": not after,
            "max_shared": MAX_SHARED,
            "may_add": self.may_add,
        }
        return self.page("download.html", context)

    def post(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        photos = self._wanted(request)
        if request.POST.get("as") == "files":
            return self._files(photos)
        part = request.POST.get("part", "1")
        if not (part.isascii() and part.isdigit() and int(part[:6]) > 0):
            raise Http404
        try:
            archive = request_album_zip(
                album=self.album, user=self.viewer, photos=photos, part=int(part[:6]), kind=self._kind
            )
        except TooManyZips:
            words = ngettext(
                "%(number)s archive of yours is being made. Please wait for it.",
                "%(number)s archives of yours are being made. Please wait for one of them.",
                MAX_UNFINISHED,
            )
            return self.refused(words % {"number": MAX_UNFINISHED}, status=429)
        if archive is None:
            return self.refused(_("There is no photo to take among these."), status=400)
        path = reverse("gallery:zip", args=[self.album.pk, archive.pk])
        return self.done(path, {"zip": path}, status=201)

    @property
    def _kind(self) -> str:
        """What of a photo is taken along: who may only look gets a rendition, which says nothing of a place."""
        return ORIGINAL if self.may_add else Rendition.Kind.MEDIUM

    def _photos(self) -> PhotoQuerySet:
        return Photo.objects.alive().filter(album=self.album, original__status=Original.Status.READY)

    def _choices(self) -> list[Choice]:
        """The choices that have photos; each costs one query."""
        titles = {"all": _("All photos"), "me": _("Photos of me"), "liked": _("Photos that I like")}
        choices = []
        for what, title in titles.items():
            counted = _those(self._photos(), what, self).aggregate(number=Count("pk"), size=Sum("original__size"))
            parts = list(range(1, -(-counted["number"] // MAX_PHOTOS) + 1))
            choices.append(Choice(what, title, counted["number"], counted["size"] or 0, parts))
        return [choice for choice in choices if choice.number]

    def _wanted(self, request: HttpRequest) -> PhotoQuerySet:
        """The photos that the form names. What is not there any more is left out. Raises `Http404`."""
        what = request.POST.get("what", "")
        if what != "chosen":
            return _those(self._photos(), what, self)
        ids = {found for found in map(_parsed, request.POST.getlist("photos")[:MAX_PHOTOS]) if found}
        return self._photos().filter(pk__in=ids)

    def _archives(self) -> ZipQuerySet:
        return Zip.objects.filter(album=self.album, user=self.viewer, expires_at__gt=timezone.now())

    def _files(self, photos: PhotoQuerySet) -> HttpResponse:
        """Answers a script with the files for the share sheet."""
        found = list(photos.select_related("original").order_by("pk")[: MAX_SHARED + 1])
        if len(found) > MAX_SHARED:
            words = ngettext(
                "At most %(number)s photo can be shared at once. Download them instead.",
                "At most %(number)s photos can be shared at once. Download them instead.",
                MAX_SHARED,
            )
            return self.refused(words % {"number": MAX_SHARED}, status=400)
        if not found:
            return self.refused(_("There is no photo to take among these."), status=400)
        media = MediaPaths()
        return JsonResponse({"files": [self._file(photo, media) for photo in found]})

    def _file(self, photo: Photo, media: MediaPaths) -> dict[str, str]:
        name = photo.sort_order or str(photo.pk)
        if not self.may_add:
            path = media.rendition(photo.pk, Rendition.Kind.MEDIUM)
            return {"url": path, "name": PurePosixPath(name).stem, "type": RENDITION_TYPE}
        content_type = photo.original.content_type
        return {"url": media.original(photo.pk, content_type), "name": name, "type": content_type}


class ZipView(AlbumView):
    """How far an archive is, for who asked for it, and its link when it is ready."""

    def get(self, request: HttpRequest, album_id: UUID, zip_id: UUID) -> HttpResponse:
        own = Zip.objects.filter(album=self.album, user=self.viewer, expires_at__gt=timezone.now())
        archive = own.get(pk=zip_id)
        link = zip_path(archive) if archive.status == Zip.Status.READY else ""
        if self.wants_json:
            told = {"status": archive.status, "done": archive.done, "total": archive.total, "link": link}
            return JsonResponse(told | {"words": _words_of(archive)})
        context = {"album": self.album, "archive": archive, "link": link, "words": _words_of(archive)}
        return self.page("zip.html", context)


def _those(photos: PhotoQuerySet, what: str, view: AlbumView) -> PhotoQuerySet:
    """Returns those of the photos that a choice names. Raises `Http404`."""
    if what == "all":
        return photos
    if what == "me":
        return photos.filter(sightings__user=view.viewer, sightings__shows=True)
    if what == "liked":
        return photos_liked_by(photos, view.viewer)
    raise Http404


def _words_of(archive: Zip) -> str:
    if archive.status == Zip.Status.READY:
        return _("Your archive is ready.")
    if archive.status == Zip.Status.FAILED:
        return _("The archive could not be made. Please ask for it again.")
    words = ngettext(
        "%(done)s of %(total)s photo is packed.", "%(done)s of %(total)s photos are packed.", archive.total
    )
    return words % {"done": archive.done, "total": archive.total}


def _parsed(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _id_of(text: str) -> UUID:
    found = _parsed(text)
    if found is None:
        raise Http404
    return found
