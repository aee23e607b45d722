"""Admin pages of photos, likes and names on devices."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format

from core.admin import (
    DeletableAdmin,
    ReadOnlyAdmin,
    link_column,
    list_url,
    name_column,
    presence_filter,
    truncate_middle,
)
from photos.admin.originals import picture_context, stage_times, state_of
from photos.admin.pictures import PictureAdmin, thumbnail
from photos.models import ImportedFile, Like, Photo, PhotoLocalId, RemovedPicture
from photos.services import erase_photos, reprocess_originals, restore_photos, trash_photos

MAX_TEXT = 200
PLACE = (
    *("id", ("album_link", "original_link"), ("owner_link", "uploader_link"), "s3_path", "imported_from"),
    *(("sort_order", "copied_from"), ("created_at", "updated_at"), ("deleted_at", "deleted_by")),
)
FROM_CLIENTS = (
    *(("s3_server_id", "num_faces"), ("photo_creation_date", "local_creation_date")),
    *("client_rectangles", "client_data"),
)


@admin.register(Photo)
class PhotoAdmin(PictureAdmin, DeletableAdmin):
    """Deleting a photo here erases it for good, with its copies. The trash keeps it for some days."""

    album_link = link_column("album", ordering="album__name")
    owner_link = link_column("owner")
    uploader_link = link_column("uploader", ordering="uploader__name")
    original_link = link_column("original")
    change_form_template = "admin/photos/picture_page.html"
    list_display = ("picture", "name", "album_link", "uploader_link", "state", "created_at")
    list_display_links = ("name",)
    list_filter = (
        "original__status",
        ("deleted_at", presence_filter("trash", "in the trash", "not in the trash")),
        ("album", presence_filter("place", "in an album", "in a library")),
        "created_at",
    )
    search_fields = ("id", "s3_path", "album__id", "album__name", "uploader__name", "original__id")
    ordering = ("-id",)
    actions = ("process_again", "trash", "restore")
    page_actions = ("process_again", "trash", "restore")
    fieldsets = (
        ("Photo", {"fields": PLACE}),
        ("Processing", {"fields": (("status", "processed_at"), "error", "stages")}),
        ("What clients said", {"fields": FROM_CLIENTS}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Photo]:
        return (
            super()
            .get_queryset(request)
            .select_related("album", "owner", "uploader", "original__owner", "deleted_by")
        )

    @admin.display(description="")
    def picture(self, photo: Photo) -> str:
        return thumbnail(photo.original, f"Photo by {photo.uploader}")

    @admin.display(description="path", ordering="s3_path")
    def name(self, photo: Photo) -> str:
        return truncate_middle(photo.s3_path)

    @admin.display(description="imported from")
    def imported_from(self, photo: Photo) -> str:
        file = ImportedFile.objects.filter(photo=photo).first()
        return decoded_path(file.location) if file else "-"

    @admin.display(ordering="original__status")
    def state(self, photo: Photo) -> str:
        state = state_of(photo.original)
        return f"in the trash; {state}" if photo.deleted_at else state

    @admin.display(ordering="original__status")
    def status(self, photo: Photo) -> str:
        return photo.original.status

    @admin.display(ordering="original__error")
    def error(self, photo: Photo) -> str:
        return photo.original.error

    @admin.display(description="seconds by stage")
    def stages(self, photo: Photo) -> str:
        return stage_times(photo.original)

    @admin.display
    def processed_at(self, photo: Photo) -> str:
        return date_format(photo.original.processed_at, "DATETIME_FORMAT") if photo.original.processed_at else "-"

    @admin.display(description="rectangles")
    def client_rectangles(self, photo: Photo) -> str:
        return str(photo.rectangles or "-")[:MAX_TEXT]

    @admin.display(description="detected data")
    def client_data(self, photo: Photo) -> str:
        return str(photo.detected_data or "-")[:MAX_TEXT]

    @admin.action(description="Process again", permissions=["act"])
    def process_again(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        photos = list(queryset)
        number = reprocess_originals(original_ids={photo.original_id for photo in photos})
        self.log_changes(request, photos, "Processing again.")
        self.message_user(request, f"{number} originals are being processed again.")

    @admin.action(description="Move to the trash", permissions=["act"])
    def trash(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        photos = list(queryset.filter(deleted_at=None))
        trash_photos(photo_ids=[photo.pk for photo in photos])
        self.log_changes(request, photos, "Moved to the trash.")
        self.message_user(request, f"{len(photos)} photos were moved to the trash.")

    @admin.action(description="Restore from the trash", permissions=["act"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        photos = list(queryset.exclude(deleted_at=None))
        restore_photos(photo_ids=[photo.pk for photo in photos])
        self.log_changes(request, photos, "Restored from the trash.")
        self.message_user(request, f"{len(photos)} photos were restored.")

    def actions_for(self, obj: Photo) -> Sequence[str]:
        return ("process_again", "restore") if obj.deleted_at else ("process_again", "trash")

    def delete_model(self, request: HttpRequest, obj: Photo) -> None:
        erase_photos(photo_ids=[obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        erase_photos(photo_ids=list(queryset.values_list("pk", flat=True)))

    def page_context(self, request: HttpRequest, obj: Photo) -> dict[str, object]:
        return {**super().page_context(request, obj), **photo_context(obj)}


def photo_context(photo: Photo) -> dict[str, object]:
    """Returns what the page of a photo displays beside its fields."""
    likes = Like.objects.filter(photo=photo).order_by().values_list("kind").annotate(number=Count("pk"))
    return {
        **picture_context(photo.original),
        "photo": photo,
        "likes": list(likes),
        "likes_url": list_url(Like, photo__id__exact=photo.pk),
    }


def decoded_path(stored: bytes | memoryview) -> str:
    """Returns a path, stored in the bytes of the file system, as text."""
    return bytes(stored).decode(errors="replace")


@admin.register(Like)
class LikeAdmin(ReadOnlyAdmin):
    photo_name = name_column("photo")
    list_display = ("photo_name", "user", "kind")
    list_filter = ("kind",)
    list_select_related = ("photo", "user")
    search_fields = ("photo__id", "photo__s3_path", "user__name")
    ordering = ("-id",)
    fields = ("photo", "user", "kind")


@admin.register(PhotoLocalId)
class PhotoLocalIdAdmin(ReadOnlyAdmin):
    """The names of photos on members' devices."""

    photo_name = name_column("photo")
    list_display = ("value", "photo_name", "user")
    list_select_related = ("photo", "user")
    search_fields = ("value", "photo__id", "user__name")
    ordering = ("-id",)
    fields = ("value", "photo", "user")


@admin.register(RemovedPicture)
class RemovedPictureAdmin(ReadOnlyAdmin):
    """Pictures that albums' owners have deleted from their albums, so that nobody else can add them again."""

    album_link = link_column("album", ordering="album__name")
    list_display = ("sha256", "album_link", "created_at")
    list_select_related = ("album",)
    search_fields = ("sha256", "album__id", "album__name")
    ordering = ("-id",)
    fields = ("album_link", "sha256", "original", "created_at")
