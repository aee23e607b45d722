from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from profiles.models import ApiKey, App, Device, Owner, Profile
from profiles.services import issue_key, revoke_keys


class AppInline(admin.TabularInline):
    model = App
    extra = 0
    show_change_link = True


@admin.register(Owner)
class OwnerAdmin(admin.ModelAdmin):
    list_display = ["owner_id", "created_at"]
    search_fields = ["owner_id", "apps__app_id"]
    readonly_fields = ["id", "created_at"]
    inlines = [AppInline]


@admin.register(App)
class AppAdmin(admin.ModelAdmin):
    list_display = ["app_id", "owner", "created_at"]
    list_select_related = ["owner"]
    search_fields = ["app_id", "owner__owner_id"]
    autocomplete_fields = ["owner"]
    readonly_fields = ["id", "created_at"]


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    """Keys are issued here, shown once on the page that follows, and revoked. No key can be read here."""

    list_display = ["__str__", "label", "created_at", "last_used_at", "revoked_at"]
    list_filter = ["revoked_at", "last_used_at"]
    list_select_related = ["app__owner"]
    search_fields = ["label", "app__app_id", "app__owner__owner_id"]
    autocomplete_fields = ["app"]
    fields = ["app", "label", "created_at", "last_used_at", "revoked_at"]
    actions = ["revoke"]

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        return ["created_at", "last_used_at", "revoked_at", *(["app"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        made, key = issue_key(app=obj.app, label=obj.label)
        # The admin goes on with its own instance: it becomes the one that was made.
        obj.__dict__.update(made.__dict__)
        request.issued_key = key  # type: ignore[attr-defined]  # for the one answer that shows it

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "API key issued",
            "opts": self.opts,
            "api_key": obj,
            "key": request.issued_key,  # type: ignore[attr-defined]
        }
        return TemplateResponse(request, "admin/profiles/apikey/issued.html", context)

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        self.message_user(request, f"{revoke_keys(keys=queryset)} keys revoked.")


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin):
    list_display = ["device_id", "app", "user", "consented_at", "derived_at", "created_at"]
    list_filter = [("consented_at", admin.EmptyFieldListFilter)]
    list_select_related = ["app__owner", "user"]
    search_fields = ["device_id", "app__app_id", "app__owner__owner_id", "user__name"]
    show_full_result_count = False
    readonly_fields = ["id", "app", "device_id", "user", "consented_at", "derived_at", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Profile)
class ProfileAdmin(admin.ModelAdmin):
    """What was posted, and what was derived; both are written by the services only."""

    list_display = ["device", "app", "app_user_id", "posted", "derived", "updated_at"]
    list_filter = [("posted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["app__owner", "device"]
    search_fields = ["device__device_id", "app_user_id", "app__app_id", "app__owner__owner_id"]
    show_full_result_count = False
    readonly_fields = [field.name for field in Profile._meta.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
