"""Faces and their people. No page shows an embedding: it would let others recognise somebody."""

from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from core.admin import ReadOnlyAdmin, can_view, link_column
from faces.models import (
    EMBEDDING_TYPE,
    EmbeddingSpace,
    Face,
    FaceAssignment,
    FaceSearch,
    PendingAssignment,
    Person,
)
from photos import storage
from photos.admin.originals import SHOWING
from photos.admin.pictures import HEADERS, RENDITION_TYPE, TRY_LATER, PictureAdmin
from photos.images import UnreadableImage, crop_square
from photos.models import Rendition

SIDE = 160  # pixels of a crop
MARGIN = 0.25  # of a face's size, on each side of it


def crop_url(face_id: UUID) -> str:
    return reverse("admin:faces_face_crop", args=[face_id])


def crop_tag(face_id: UUID | None, alt: str) -> str:
    if face_id is None:
        return format_html('<span class="no-picture">{}</span>', "no face")
    url = crop_url(face_id)
    return format_html('<img class="thumbnail" src="{}" alt="{}" width="72" height="72" loading="lazy">', url, alt)


def crop_of(face: Face) -> bytes:
    """Returns the face, with a margin, as a JPEG, cut from the medium rendition of its picture.

    Raises `FileNotFoundError`, `UnreadableImage` and `storage.StorageUnavailable`.
    """
    original = face.original
    rendition = original.renditions.filter(kind=Rendition.Kind.MEDIUM).first()
    if rendition is None or not (original.width and original.height):
        raise FileNotFoundError(face.pk)
    x, y = MARGIN * face.width, MARGIN * face.height
    box = (
        (face.x - x) / original.width,
        (face.y - y) / original.height,
        (face.x + face.width + x) / original.width,
        (face.y + face.height + y) / original.height,
    )
    return crop_square(storage.read(rendition.key), box, SIDE)


class EngineFilter(admin.SimpleListFilter):
    """Filters by the engines that the worker has stored; reading those of all faces would take long."""

    title = parameter_name = "engine"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        engines = EmbeddingSpace.objects.order_by("engine").values_list("pk", flat=True)
        return [(engine, engine) for engine in engines]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Face]) -> QuerySet[Face]:
        return queryset.filter(engine=self.value()) if self.value() else queryset


@admin.register(Face)
class FaceAdmin(PictureAdmin, ReadOnlyAdmin):
    original_link = link_column("original")
    list_display = ("crop", "id", "original_link", "box", "certainty", "engine")
    list_display_links = ("id",)
    list_filter = (EngineFilter,)
    list_select_related = ("original",)
    search_fields = ("id", "original__id", "original__key", "assignments__person__name")
    ordering = ("-id",)
    fields = ("id", "crop", "original_link", "box", "score", "quality", "landmarks", "engine", "embedding_size")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.serve_crop, cacheable=True)
        return [path("<uuid:pk>/crop/", view, name="faces_face_crop"), *super().get_urls()]

    def serve_crop(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        if not can_view(request.user, Face, Person, *SHOWING):
            raise PermissionDenied
        face = Face.objects.filter(pk=pk).select_related("original").defer("embedding").first()
        if face is None:
            raise Http404
        try:
            return HttpResponse(crop_of(face), content_type=RENDITION_TYPE, headers=HEADERS)
        except (FileNotFoundError, UnreadableImage) as error:
            raise Http404 from error
        except storage.StorageUnavailable:
            return HttpResponse(TRY_LATER, status=503, content_type="text/plain")

    @admin.display(description="")
    def crop(self, face: Face) -> str:
        return crop_tag(face.pk, "Face")

    @admin.display(description="score", ordering="score")
    def certainty(self, face: Face) -> str:
        return f"{face.score:.2f}"

    @admin.display(description="x, y, width, height")
    def box(self, face: Face) -> str:
        return f"{face.x}, {face.y}, {face.width}, {face.height}"

    @admin.display(description="embedding")
    def embedding_size(self, face: Face) -> str:
        return f"{len(face.embedding) // EMBEDDING_TYPE.itemsize} numbers"


@admin.register(FaceAssignment)
class FaceAssignmentAdmin(PictureAdmin, ReadOnlyAdmin):
    """The person of each face, in each library. Assignments are changed on a person's page."""

    face_link = link_column("face")
    person_link = link_column("person")
    list_display = ("crop", "person", "owner", "pinned")
    list_display_links = ("person",)
    list_filter = ("pinned",)
    list_select_related = ("person", "owner")
    search_fields = ("face__id", "person__id", "person__name", "owner__name")
    ordering = ("-id",)
    fields = ("crop", "face_link", "person_link", "owner", "pinned")

    @admin.display(description="")
    def crop(self, assignment: FaceAssignment) -> str:
        return crop_tag(assignment.face_id, f"Face of {assignment.person}")


@admin.register(PendingAssignment)
class PendingAssignmentAdmin(ReadOnlyAdmin):
    """Originals whose faces wait to be assigned to people; the sweep sends them again."""

    original_link = link_column("original")
    list_display = ("original", "since", "queued_at")
    list_select_related = ("original",)
    search_fields = ("original__id", "original__key")
    ordering = ("since",)
    fields = ("original_link", "since", "queued_at")


@admin.register(FaceSearch)
class FaceSearchAdmin(ReadOnlyAdmin):
    """The engine that has searched each original for faces last; `look_again` searches what another one has."""

    original_link = link_column("original")
    list_display = ("original", "engine", "at")
    list_select_related = ("original",)
    search_fields = ("original__id", "original__key", "engine")
    ordering = ("-original",)
    fields = ("original_link", "engine", "at")


@admin.register(EmbeddingSpace)
class EmbeddingSpaceAdmin(ReadOnlyAdmin):
    """The engines of which there are faces, each with its limits; the worker stores them."""

    list_display = ("engine", "threshold")
    search_fields = ("engine",)
    fields = ("engine", "threshold", "cluster_cut", "min_score", "min_quality")
