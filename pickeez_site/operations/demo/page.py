"""A page that shows the result of the main job: for each participant, the photos on which they are."""

from collections.abc import Mapping
from uuid import UUID

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from albums.models import Album
from albums.selectors import members_of
from faces.models import Selfie
from faces.selectors import boxes_by_original, sightings_by_photo
from photos.models import Original, Photo, Rendition
from pickeez_site.serving.media import media_path, policy_for_pictures, selfie_path

SIGNER = signing.Signer(salt="pickeez_site.demo.page")
MAX_PHOTOS = 200
HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


def page_path(album_id: UUID | str) -> str:
    """The path of an album's page. Whoever has this path can view the page."""
    return reverse("demo", args=[SIGNER.sign(str(album_id))])


@require_safe
def show_album(request: HttpRequest, signed: str) -> HttpResponse:
    try:
        album = Album.objects.alive().get(pk=SIGNER.unsign(signed))
    except (signing.BadSignature, Album.DoesNotExist) as error:
        raise Http404 from error
    headers = {**HEADERS, "Content-Security-Policy": policy_for_pictures()}
    return HttpResponse(render_to_string("demo/album.html", _context(album)), headers=headers)


def _context(album: Album) -> dict[str, object]:
    photos = list(Photo.objects.alive().filter(album=album).select_related("original").order_by("pk")[:MAX_PHOTOS])
    ready = [photo for photo in photos if photo.original.status == Original.Status.READY]
    sightings = sightings_by_photo([photo.pk for photo in ready])
    shown = {photo.pk: {row.user_id for row in sightings[photo.pk] if row.shows} for photo in ready}
    pictures = _pictures(ready)
    selfies = {
        row.user_id: selfie_path(row)
        for row in Selfie.objects.accepted().filter(user__in=members_of(album), source=Selfie.Source.SELFIE)
    }
    people = [
        {
            "name": member.name or member.verified_phone,
            "selfie": selfies.get(member.pk),
            "pictures": [pictures[photo.pk] for photo in ready if member.pk in shown[photo.pk]],
        }
        for member in members_of(album).order_by("created_at")
    ]
    return {
        "album": album,
        "total": len(photos),
        "people": people,
        "others": [pictures[photo.pk] for photo in ready if not shown[photo.pk]],
        "failed": [photo.original for photo in photos if photo.original.status == Original.Status.FAILED],
    }


def _pictures(photos: list[Photo]) -> dict[UUID, Mapping[str, object]]:
    """The URL and size of each photo, and the boxes of its faces in percent of the picture."""
    boxes = boxes_by_original([photo.original_id for photo in photos])
    return {
        photo.pk: {
            "url": media_path(photo, Rendition.Kind.MEDIUM),
            "width": photo.original.width,
            "height": photo.original.height,
            "boxes": [_percent(box, photo.original) for box in boxes.get(photo.original_id, [])],
        }
        for photo in photos
    }


def _percent(box: dict[str, int], original: Original) -> dict[str, float]:
    width, height = original.width or 1, original.height or 1
    return {
        "left": round(100 * box["x"] / width, 2),
        "top": round(100 * box["y"] / height, 2),
        "width": round(100 * box["width"] / width, 2),
        "height": round(100 * box["height"] / height, 2),
    }
