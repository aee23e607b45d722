from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from faces.models import FaceModel, Person, Selfie, Sighting


@admin.register(FaceModel)
class FaceModelAdmin(admin.ModelAdmin):
    list_display = ["user", "taken_at", "updated_at"]
    list_select_related = ["user"]
    search_fields = ["user__id", "user__name"]
    autocomplete_fields = ["user"]
    actions = ["set_pending"]

    @admin.action(description="Set as pending")
    def set_pending(self, request: HttpRequest, queryset: QuerySet[FaceModel]) -> None:
        self.message_user(request, f"{queryset.update(taken_at=None)} face models are pending.")


@admin.register(Selfie)
class SelfieAdmin(admin.ModelAdmin):
    list_display = ["id", "user", "source", "status", "num_faces", "error", "created_at"]
    list_filter = ["status", "source"]
    list_select_related = ["user"]
    search_fields = ["id", "user__name"]
    exclude = ["embedding"]
    readonly_fields = [field.name for field in Selfie._meta.fields if field.name != "embedding"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Sighting)
class SightingAdmin(admin.ModelAdmin):
    list_display = ["photo", "user", "by", "shows", "score"]
    list_filter = ["by", "shows"]
    list_select_related = ["photo", "user"]
    search_fields = ["photo__id", "user__name"]
    raw_id_fields = ["photo", "user"]


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    """People of libraries. A name is kept when faces are clustered anew; hidden ones are shown to nobody."""

    list_display = ["id", "name", "owner", "hidden", "created_at"]
    list_filter = ["hidden"]
    list_select_related = ["owner"]
    search_fields = ["id", "name", "owner__name"]
    readonly_fields = ["id", "owner", "created_at", "updated_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
