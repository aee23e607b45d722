"""Adding photos to an album. A script sends many files, one by one (`uploads.py`); without it, this form does."""

from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import TooManyFilesSent, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from albums.models import Album
from albums.services import LookOnly, check_may_upload, mark_done_uploading
from photos.forms import WholeFormHandler
from photos.models import Photo
from photos.services import PhotoFacts, PictureRemoved, check_picture, store_photo
from photos.storage import StorageFull, StorageUnavailable
from pickeez_site.gallery.views.base import AlbumView
from pickeez_site.gallery.views.paths import album_path
from pickeez_site.gallery.views.words import refusal_in_words

MOST_NAMED = 20  # refused files; of more, only the number is told


class RefusedFile(NamedTuple):
    name: str
    words: str


@method_decorator(csrf_exempt, name="dispatch")  # checked below, after it was said where files are put
class AddView(AlbumView):
    """The page with the form and the queue."""

    def answer(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        request.upload_handlers = [WholeFormHandler(request)]
        answer = super().answer

        @csrf_protect
        def protected(request: HttpRequest) -> HttpResponseBase:
            return answer(request, *args, **kwargs)

        try:
            return protected(request)
        except LookOnly as error:
            return self.refused(refusal_in_words(error), status=403)
        except TooManyFilesSent:
            words = ngettext(
                "At most %(number)s file can be sent at once. None of these was added.",
                "At most %(number)s files can be sent at once. None of these was added.",
                settings.DATA_UPLOAD_MAX_NUMBER_FILES,
            )
            return self.refused(words % {"number": settings.DATA_UPLOAD_MAX_NUMBER_FILES}, status=400)
        except MultiPartParserError:
            return self.refused(_("The photos did not arrive whole. Please send them again."), status=400)

    def get(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        check_may_upload(album=self.album, user=self.viewer)
        return self._form([], status=200)

    def post(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        check_may_upload(album=self.album, user=self.viewer)
        files = request.FILES.getlist("files")
        added, refused = self._add(files)
        if added:
            mark_done_uploading(album=self.album, user=self.viewer)
        if not added:
            none = RefusedFile("", _("Choose at least one photo."))
            refused = refused or [none]
            if self.wants_json:
                return self.refused("\n".join(file.words for file in refused), status=400)
            return self._form(refused, status=400)
        words = ngettext("%(number)s photo was added.", "%(number)s photos were added.", added)
        messages.success(request, words % {"number": added})
        for name, why in refused[:MOST_NAMED]:
            messages.error(request, f"{name}: {why}")
        if more := len(refused[MOST_NAMED:]):
            words = ngettext("%(number)s more file was refused.", "%(number)s more files were refused.", more)
            messages.error(request, words % {"number": more})
        return self.done(album_path(self.album), {"added": added, "refused": [row._asdict() for row in refused]})

    def _add(self, files: list[UploadedFile]) -> tuple[int, list[RefusedFile]]:
        """Adds the files; returns the number of added ones, and the refused ones."""
        photos: set[Photo] = set()
        refused = []
        for file in files:
            try:
                check_picture(file=file)
                photos.add(store_photo(user=self.viewer, album=self.album, file=file, facts=PhotoFacts()))
            except (ValidationError, PictureRemoved) as error:
                refused.append(RefusedFile(file.name or "", refusal_in_words(error)))
            except (StorageUnavailable, Album.DoesNotExist) as error:
                if not photos:
                    raise
                refused.append(RefusedFile(file.name or "", _words_of(error)))
            finally:
                file.close()
        return len(photos), refused

    def _form(self, refused: list[RefusedFile], *, status: int) -> HttpResponse:
        context = {
            "album": self.album,
            "refused": refused[:MOST_NAMED],
            "more_refused": len(refused[MOST_NAMED:]),
            "max_bytes": settings.MAX_PHOTO_BYTES,
            "max_files": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
            "limit": filesizeformat(settings.MAX_PHOTO_BYTES),
            "album_path": album_path(self.album),
            "words": _words_of_script(),
        }
        return self.page("add.html", context, status=status)


class DoneView(AlbumView):
    """Says that the viewer has sent everything, so that nothing is waited for."""

    def post(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        try:
            check_may_upload(album=self.album, user=self.viewer)
        except LookOnly as error:
            return self.refused(refusal_in_words(error), status=403)
        mark_done_uploading(album=self.album, user=self.viewer)
        return self.done(reverse("gallery:add", args=[self.album.pk]))


def _words_of(error: StorageUnavailable | Album.DoesNotExist) -> str:
    if isinstance(error, StorageFull):
        return _("The server has no room left for photos.")
    if isinstance(error, StorageUnavailable):
        return _("The storage is unreachable. Please try again later.")
    return _("The album is not there any more, or you are not in it any more.")


def _words_of_script() -> dict[str, str]:
    """The texts of `add.js`; `{…}` are numbers."""
    limit = filesizeformat(settings.MAX_PHOTO_BYTES)
    return {
        "waiting": _("Waiting"),
        "sending": _("Being sent"),
        "added": _("Added"),
        "offline": _("No connection. It goes on by itself as soon as there is one."),
        "retrying": _("The server cannot be reached. Trying again by itself …"),
        "sum": _("{done} of {all} added"),
        "refused": _("{refused} not added"),
        "all": _("Everything was added. You may leave this page."),
        "empty": _("The file is empty."),
        "large": _("The file is too large: a picture may have %(limit)s.") % {"limit": limit},
        "unreadable": _("The file cannot be read on this device."),
        "failed": _("The server does not take this file."),
        "signed_out": _("You are signed out."),
        "unfinished": _(
            "{number} not finished last time. Choose the same files again, and they go on where they stopped."
        ),
    }
