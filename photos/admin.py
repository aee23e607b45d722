from django.contrib import admin
from django.http import HttpRequest

from photos.models import Original, Photo


@admin.register(Original)
class OriginalAdmin(admin.ModelAdmin):
    list_display = ["id", "owner", "status", "error", "content_type", "width", "height", "tries", "created_at"]
    list_filter = ["status", "content_type"]
    list_select_related = ["owner"]
    search_fields = ["id", "key", "sha256", "owner__name"]
    readonly_fields = [field.name for field in Original._meta.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Photo)
class PhotoAdmin(admin.ModelAdmin):
    list_display = ["id", "album", "uploader", "status", "error", "created_at", "deleted_at"]
    list_filter = ["original__status", "deleted_at"]
    list_select_related = ["album", "uploader", "original"]
    search_fields = ["id", "s3_path", "album__id", "album__name", "uploader__name"]
    raw_id_fields = ["original", "album", "owner", "uploader"]
    readonly_fields = ["id", "created_at", "updated_at"]

    @admin.display(ordering="original__status")
    def status(self, photo: Photo) -> str:
        return photo.original.status

    @admin.display
    def error(self, photo: Photo) -> str:
        return photo.original.error
