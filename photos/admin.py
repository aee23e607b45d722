from django.contrib import admin
from django.http import HttpRequest

from photos.models import Original, Photo, UploadSlot, Zip


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


@admin.register(UploadSlot)
class UploadSlotAdmin(admin.ModelAdmin):
    """Uploads by presigned URL that have not arrived yet. Deleting one voids its URL."""

    list_display = ["id", "album", "user", "content_type", "max_bytes", "created_at", "expires_at"]
    list_select_related = ["album", "user"]
    search_fields = ["id", "album__id", "album__name", "user__name"]
    readonly_fields = [field.name for field in UploadSlot._meta.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Zip)
class ZipAdmin(admin.ModelAdmin):
    """Archives of the last day. Deleting one removes its file."""

    list_display = ["id", "name", "album", "user", "status", "error", "done", "total", "created_at", "expires_at"]
    list_filter = ["status"]
    list_select_related = ["album", "user"]
    search_fields = ["id", "name", "album__id", "album__name", "user__name"]
    readonly_fields = [field.name for field in Zip._meta.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
