"""Admin pages of imports, upload slots, archives, and files that are to be removed."""

from django.contrib import admin

from core.admin import DeletableAdmin, ReadOnlyAdmin, name_column
from photos.admin.photos import decoded_path
from photos.models import (
    FileToRemove,
    FolderImport,
    ImportedFile,
    ResumableUpload,
    UploadedChunk,
    UploadSlot,
    Zip,
    ZipEntry,
)

LEASE = ("claimed_at", "lease_until")


@admin.register(ImportedFile)
class ImportedFileAdmin(ReadOnlyAdmin):
    """Files on the server's disk from which library photos were imported."""

    list_display = ("path", "owner", "size")
    list_select_related = ("owner",)
    search_fields = ("photo__id", "photo__s3_path", "owner__name")
    ordering = ("-photo_id",)
    fields = ("photo", "owner", "path", "below", "size", "mtime_ns")

    @admin.display
    def path(self, file: ImportedFile) -> str:
        return decoded_path(file.location)

    @admin.display
    def below(self, file: ImportedFile) -> str:
        return decoded_path(file.root)


@admin.register(FolderImport)
class FolderImportAdmin(DeletableAdmin):
    """Folders that are being imported, or get thumbnails. Deleting one stops that; imported photos stay."""

    list_display = ("name", "owner", "only_thumbnails", "created_at", *LEASE)
    list_filter = ("only_thumbnails", "created_at")
    list_select_related = ("owner",)
    search_fields = ("id", "name", "owner__name")
    ordering = ("-id",)
    fields = ("id", "name", "owner", "path", "below", "only_thumbnails", "created_at", *LEASE)

    @admin.display
    def path(self, folder: FolderImport) -> str:
        return decoded_path(folder.location)

    @admin.display
    def below(self, folder: FolderImport) -> str:
        return decoded_path(folder.root)


@admin.register(UploadSlot)
class UploadSlotAdmin(DeletableAdmin):
    """Uploads by presigned URL that have not arrived yet. Deleting one invalidates its URL."""

    list_display = ("id", "album", "user", "content_type", "max_bytes", "created_at", "expires_at")
    list_filter = ("created_at", "expires_at")
    list_select_related = ("album", "user")
    search_fields = ("id", "album__id", "album__name", "user__name")
    ordering = ("-id",)
    fields = ("id", "album", "user", "key", "content_type", "max_bytes", "created_at", "expires_at", *LEASE)


@admin.register(ResumableUpload)
class ResumableUploadAdmin(DeletableAdmin):
    """Files that people send in chunks, or sent within the last day. Deleting one discards what has arrived."""

    list_display = ("id", "name", "album", "user", "offset", "size", "photo_id", "created_at", "expires_at")
    list_filter = ("created_at", "expires_at")
    list_select_related = ("album", "user")
    search_fields = ("id", "name", "photo_id", "album__id", "album__name", "user__name")
    ordering = ("-id",)
    fields = (
        *("id", "name", "album", "user", "offset", "size", "sha256", "photo_id"),
        *("created_at", "expires_at"),
    )


@admin.register(UploadedChunk)
class UploadedChunkAdmin(ReadOnlyAdmin):
    list_display = ("key", "upload", "offset", "size")
    list_select_related = ("upload",)
    search_fields = ("key", "upload__id", "upload__name")
    ordering = ("-id",)
    fields = ("key", "upload", "offset", "size")


@admin.register(Zip)
class ZipAdmin(DeletableAdmin):
    """Archives of the last day. Deleting one removes its file."""

    list_display = ("name", "album", "user", "status", "error", "done", "total", "created_at", "expires_at")
    list_filter = ("status", "created_at")
    list_select_related = ("album", "user")
    search_fields = ("id", "name", "album__id", "album__name", "user__name")
    ordering = ("-id",)
    fields = (
        *("id", "name", "album", "user", "status", "error", "done", "total", "key", "tries"),
        *("created_at", "expires_at", *LEASE),
    )


@admin.register(ZipEntry)
class ZipEntryAdmin(ReadOnlyAdmin):
    photo_name = name_column("photo")
    list_display = ("name", "zip", "photo_name", "kind")
    list_filter = ("kind",)
    list_select_related = ("zip", "photo")
    search_fields = ("name", "zip__id", "zip__name", "photo__id")
    ordering = ("-id",)
    fields = ("name", "zip", "photo", "kind")


@admin.register(FileToRemove)
class FileToRemoveAdmin(ReadOnlyAdmin):
    """Files that nothing needs any more. They are removed within a minute after their time."""

    list_display = ("key", "after")
    list_filter = ("after",)
    search_fields = ("key",)
    ordering = ("after", "key")
    fields = ("key", "after")
