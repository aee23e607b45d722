from django.contrib import admin
from django.http import HttpRequest

from albums.models import Album, AlbumQuerySet, Invitation, PendingAlbum
from albums.services import queue_now


class InvitationInline(admin.TabularInline):
    model = Invitation
    extra = 0
    fields = ["phone", "claimed_by", "removed_at"]
    raw_id_fields = ["claimed_by"]


@admin.register(Album)
class AlbumAdmin(admin.ModelAdmin):
    list_display = ["id", "name", "owner", "created_at", "deleted_at"]
    list_filter = ["deleted_at"]
    list_select_related = ["owner"]
    search_fields = ["id", "name", "owner__name", "owner__verified_phone"]
    autocomplete_fields = ["owner"]
    readonly_fields = ["id", "created_at", "updated_at"]
    inlines = [InvitationInline]
    actions = ["set_pending"]

    @admin.action(description="Set as pending")
    def set_pending(self, request: HttpRequest, queryset: AlbumQuerySet) -> None:
        queue_now(album_ids=queryset.alive().values_list("pk", flat=True))
        self.message_user(request, f"{queryset.count()} albums are pending.")


@admin.register(PendingAlbum)
class PendingAlbumAdmin(admin.ModelAdmin):
    """The queue. Deleting a row clears the album from it."""

    list_display = ["album", "touched_at", "done_uploading", "claimed_at", "lease_until"]
    list_filter = ["done_uploading"]
    list_select_related = ["album"]
    search_fields = ["album__id", "album__name"]
    fields = ["album", "touched_at", "done_uploading", "claimed_at", "lease_until"]
    readonly_fields = ["album", "touched_at", "done_uploading", "claimed_at", "lease_until"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
