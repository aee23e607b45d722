"""Admin pages of originals: the picture, its analysis, and its processing."""

from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from core.admin import ReadOnlyAdmin, can_view, link_column, presence_filter, truncate_middle
from photos.admin.pictures import PictureAdmin, can_be_shown, picture_response, picture_url, thumbnail
from photos.images import EXTENSIONS, UNKNOWN
from photos.models import ORIGINAL, ObjectLabel, Original, Photo, Rendition
from photos.services import reprocess_originals

MAX_ROWS = 50  # of a table beside a picture
SHOWING = (Original, Photo)  # the permission to view one of these includes the pictures
PROCESSING = (
    *(
        ("status", "stage", "tries"),
        ("error", "needs_megabytes"),
        ("fault", "fault_at"),
        "stages",
        ("claimed_at", "lease_until"),
    ),
    *(("queued_at", "prepared_at", "processed_at"), ("waiting_since", "created_at", "updated_at")),
)


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class RenditionInline(ReadOnlyInline):
    model = Rendition
    fields = ("kind", "width", "height", "key")


class ObjectLabelInline(ReadOnlyInline):
    model = ObjectLabel
    fields = ("name", "score")
    ordering = ("-score",)


class TypeFilter(admin.SimpleListFilter):
    """A filter that offers all supported types: a query for those that occur would read all originals."""

    title = "content type"
    parameter_name = "content_type"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(name, name) for name in (*EXTENSIONS, UNKNOWN)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Original]) -> QuerySet[Original]:
        return queryset.filter(content_type=self.value()) if self.value() else queryset


@admin.register(Original)
class OriginalAdmin(PictureAdmin, ReadOnlyAdmin):
    """An original cannot be deleted here: it is deleted with its last photo."""

    owner_link = link_column("owner")
    change_form_template = "admin/photos/picture_page.html"
    list_display = ("picture", "key_link", "owner", "state", "dimensions", "tries", "created_at")
    list_display_links = ("key_link",)
    list_filter = (
        "status",
        "stage",
        ("fault_at", presence_filter("exception", "met one", "none")),
        TypeFilter,
        ("taken_at", presence_filter("time of the picture", "known", "unknown")),
        "created_at",
    )
    list_select_related = ("owner",)
    search_fields = ("id", "key", "sha256", "error", "owner__name")
    ordering = ("-id",)
    actions = ("process_again",)
    page_actions = ("process_again",)
    inlines = (ObjectLabelInline, RenditionInline)
    fieldsets = (
        ("File", {"fields": (("id", "owner_link"), "key", ("content_type", "size"), "sha256", "etag")}),
        ("Picture", {"fields": (("dimensions", "ratio", "hue"), ("taken_at", "latitude", "longitude"))}),
        ("Processing", {"fields": PROCESSING}),
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.serve_picture, cacheable=True)
        return [path("<uuid:pk>/picture/<slug:kind>/", view, name="photos_original_picture"), *super().get_urls()]

    def serve_picture(self, request: HttpRequest, pk: UUID, kind: str) -> HttpResponseBase:
        if not can_view(request.user, *SHOWING):
            raise PermissionDenied
        return picture_response(pk, kind)

    @admin.display(description="")
    def picture(self, original: Original) -> str:
        return thumbnail(original, f"Picture of {original.owner}")

    @admin.display(description="storage key", ordering="key")
    def key_link(self, original: Original) -> str:
        return truncate_middle(original.key)

    @admin.display(ordering="status")
    def state(self, original: Original) -> str:
        return state_of(original)

    @admin.display(description="pixels", ordering="width")
    def dimensions(self, original: Original) -> str:
        return f"{original.width} x {original.height}" if original.width else "-"

    @admin.display(description="seconds by stage")
    def stages(self, original: Original) -> str:
        return stage_times(original)

    @admin.action(description="Process again", permissions=["act"])
    def process_again(self, request: HttpRequest, queryset: QuerySet[Original]) -> None:
        originals = list(queryset)
        number = reprocess_originals(original_ids=[original.pk for original in originals])
        self.log_changes(request, originals, "Processing again.")
        self.message_user(request, f"{number} of {len(originals)} originals are being processed again.")

    def page_context(self, request: HttpRequest, obj: Original) -> dict[str, object]:
        return {**super().page_context(request, obj), **picture_context(obj)}


def state_of(original: Original) -> str:
    if original.status == Original.Status.PROCESSING:
        return f"{original.status}: {original.stage}"
    return f"{original.status}: {original.error}" if original.error else original.status


def stage_times(original: Original) -> str:
    parts = [f"{stage} {seconds:.2f}" for stage, seconds in original.stage_seconds.items()]
    return ", ".join(parts) or "-"


def picture_context(original: Original) -> dict[str, object]:
    """Returns what the page of a picture displays about its original; a constant number of queries."""
    photos = Photo.objects.filter(original=original).select_related("album", "owner").order_by("-pk")
    shown = can_be_shown(original)
    return {
        "picture_of": original,
        "picture_url": picture_url(original.pk, Rendition.Kind.MEDIUM) if shown else "",
        "original_url": picture_url(original.pk, ORIGINAL),
        "labels": original.object_labels.order_by("-score")[:MAX_ROWS],
        "placed": photos[:MAX_ROWS],
    }
