"""Serves pictures to operators by session and permission instead of signed URLs, also those in the trash."""

from datetime import timedelta
from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html

from core.admin import OperatorAdmin
from photos import storage
from photos.models import ORIGINAL, Original, Rendition
from photos.verifying import is_unchanged

HEADERS = {
    "Cache-Control": "private, max-age=3600",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
UNKNOWN_TYPE = "application/octet-stream"
RENDITION_TYPE = "image/jpeg"
PRESIGNED = timedelta(minutes=5)
TRY_LATER = "The storage is unreachable. Please try again later."


class PictureAdmin(OperatorAdmin):
    """The base of pages and lists that display pictures; adds their styles."""

    class Media(OperatorAdmin.Media):
        css = {"all": ["photos/admin.css"]}


def picture_url(original_id: UUID, kind: str) -> str:
    return reverse("admin:photos_original_picture", args=[original_id, kind])


def can_be_shown(original: Original) -> bool:
    """Whether the original's renditions have been made."""
    return original.prepared_at is not None or original.status == Original.Status.READY


def thumbnail(original: Original, alt: str) -> str:
    if not can_be_shown(original):
        return format_html('<span class="no-picture">{}</span>', original.get_status_display())
    url = picture_url(original.pk, Rendition.Kind.SQUARE)
    return format_html('<img class="thumbnail" src="{}" alt="{}" width="72" height="72" loading="lazy">', url, alt)


def picture_response(original_id: UUID, kind: str) -> HttpResponseBase:
    """Serves a rendition, or the original file. Raises `Http404`."""
    if kind == ORIGINAL:
        original = Original.objects.filter(pk=original_id).first()
        is_there = original is not None and is_unchanged(original)
        found = (original.key, original.content_type or UNKNOWN_TYPE) if original and is_there else None
    else:
        rendition = Rendition.objects.filter(original=original_id, kind=kind).first()
        found = (rendition.key, RENDITION_TYPE) if rendition else None
    if found is None:
        raise Http404
    return stored_file_response(*found)


def stored_file_response(key: str, content_type: str) -> HttpResponseBase:
    """Streams the file with this type, or redirects to its bucket. Raises `Http404`."""
    if url := storage.presigned_url(key, content_type=content_type, seconds=PRESIGNED):
        return HttpResponseRedirect(url)
    try:
        file = storage.open_file(key)
    except FileNotFoundError as error:
        raise Http404 from error
    except storage.StorageUnavailable:
        return HttpResponse(TRY_LATER, status=503, content_type="text/plain")
    as_attachment = content_type == UNKNOWN_TYPE
    return FileResponse(file, content_type=content_type, as_attachment=as_attachment, headers=HEADERS)
