"""Admin pages of owners, apps and API keys, and of devices and their profiles."""

import json

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html

from core.admin import OperatorAdmin, ReadOnlyAdmin, link, link_column, list_link
from profiles.models import ApiKey, App, Device, Owner, Profile, ScannedPhoto
from profiles.services import erase_device, issue_key, revoke_keys


class CustomerAdmin(OperatorAdmin):
    """The base of pages of what operators set up for customers. Nothing is deleted: keys are revoked instead."""

    ordering = ["-id"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Owner)
class OwnerAdmin(CustomerAdmin):
    list_display = ["owner_id", "created_at"]
    list_filter = ["created_at"]
    search_fields = ["owner_id", "apps__app_id"]
    fields = ["owner_id", "apps", "id", "created_at"]
    readonly_fields = ["apps", "id", "created_at"]

    @admin.display
    def apps(self, owner: Owner) -> str:
        if owner._state.adding:
            return "-"
        return list_link(App, f"{owner.apps.count():,} apps", owner__id__exact=owner.pk)


class AppForm(forms.ModelForm):
    """Checks that an app's id is unique for its owner, also when the form has no field for the owner."""

    def clean_app_id(self) -> str:
        app_id: str = self.cleaned_data["app_id"]
        others = App.objects.filter(owner=self.instance.owner_id, app_id=app_id).exclude(pk=self.instance.pk)
        if not self.instance._state.adding and others.exists():
            raise forms.ValidationError("This owner has another app of this name.")
        return app_id


@admin.register(App)
class AppAdmin(CustomerAdmin):
    form = AppForm
    list_display = ["app_id", "owner", "created_at"]
    list_filter = ["created_at"]
    list_select_related = ["owner"]
    search_fields = ["app_id", "owner__owner_id"]
    autocomplete_fields = ["owner"]
    fields = ["owner", "app_id", "keys", "devices", "id", "created_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: App | None = None) -> list[str]:
        """Makes the owner read-only after creation: a new owner would get the profiles of all devices."""
        return ["keys", "devices", "id", "created_at", *(["owner"] if obj else [])]

    def get_queryset(self, request: HttpRequest) -> QuerySet[App]:
        return super().get_queryset(request).select_related("owner")

    @admin.display
    def keys(self, app: App) -> str:
        if app._state.adding:
            return "-"
        return list_link(ApiKey, f"{app.keys.live().count():,} live keys", app__id__exact=app.pk)

    @admin.display
    def devices(self, app: App) -> str:
        if app._state.adding:
            return "-"
        return list_link(Device, f"{app.devices.count():,} devices", app__id__exact=app.pk)


@admin.register(ApiKey)
class ApiKeyAdmin(CustomerAdmin):
    """Pages that issue and revoke keys. A key is shown only once, on the page after it was issued."""

    list_display = ["__str__", "label", "created_at", "last_used_at", "revoked_at"]
    list_filter = [
        ("revoked_at", admin.EmptyFieldListFilter),
        ("last_used_at", admin.EmptyFieldListFilter),
        "created_at",
    ]
    list_select_related = ["app__owner"]
    search_fields = ["label", "app__app_id", "app__owner__owner_id"]
    autocomplete_fields = ["app"]
    fields = ["app", "label", "created_at", "last_used_at", "revoked_at"]
    actions = ["revoke"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        return super().get_queryset(request).select_related("app__owner")

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        return ["created_at", "last_used_at", "revoked_at", *(["app"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: ApiKey, form: forms.ModelForm, change: bool) -> None:
        if change:
            obj.save(update_fields=form.changed_data)  # it may have been revoked meanwhile
            return
        issued, key = issue_key(app=obj.app, label=obj.label)
        # The admin continues with its own instance, which must become the issued one.
        obj.__dict__.update(issued.__dict__)
        request.issued_key = key  # type: ignore[attr-defined]  # for the one response that shows it

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
class DeviceAdmin(ReadOnlyAdmin):
    """Pages of devices, which clients create. Erasing a device also erases its profile and photos for good."""

    app_link = link_column("app")
    user_link = link_column("user")
    list_display = ["device_id", "app", "user", "consented_at", "derived_at", "created_at"]
    list_filter = [
        ("consented_at", admin.EmptyFieldListFilter),
        ("derived_at", admin.EmptyFieldListFilter),
        "created_at",
    ]
    list_select_related = ["app__owner", "user"]
    ordering = ["-id"]
    search_fields = ["device_id", "app__app_id", "app__owner__owner_id", "user__name"]
    fields = [
        "device_id",
        "app_link",
        "user_link",
        "consented_at",
        "derived_at",
        "profile_link",
        "scanned",
        "id",
        "created_at",
    ]
    actions = ["erase"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Device]:
        return super().get_queryset(request).select_related("app__owner", "user")

    @admin.display(description="profile")
    def profile_link(self, device: Device) -> str:
        return link(Profile.objects.filter(device=device).first())

    @admin.display(description="scanned photos")
    def scanned(self, device: Device) -> str:
        return list_link(ScannedPhoto, f"{device.scanned_photos.count():,} photos", device__id__exact=device.pk)

    @admin.action(description="Erase for good, with profiles and photos", permissions=["remove"])
    def erase(self, request: HttpRequest, queryset: QuerySet[Device]) -> None:
        devices = list(queryset)
        self.log_deletions(request, queryset)
        photos = sum(erase_device(apps=[row.app], device_id=row.device_id).photos for row in devices)
        self.message_user(request, f"{len(devices)} devices and {photos} photos were erased.")


@admin.register(ScannedPhoto)
class ScannedPhotoAdmin(ReadOnlyAdmin):
    device_link = link_column("device", ordering="device__device_id")
    list_display = ["id", "photo_link", "device_link", "created_at"]
    list_filter = ["created_at"]
    list_select_related = ["device", "photo"]
    ordering = ["-id"]
    search_fields = ["device__device_id", "photo__id"]
    fields = ["photo_link", "device_link", "created_at"]

    @admin.display(description="photo")
    def photo_link(self, scan: ScannedPhoto) -> str:
        return link(scan.photo, scan.photo_id)


@admin.register(Profile)
class ProfileAdmin(ReadOnlyAdmin):
    """Pages of the posted and derived profiles."""

    device_link = link_column("device")
    list_display = ["device", "app", "app_user_id", "members", "posted_at", "updated_at"]
    list_filter = [("posted_at", admin.EmptyFieldListFilter), "updated_at"]
    list_select_related = ["app__owner", "device"]
    ordering = ["-id"]
    search_fields = ["device__device_id", "app_user_id", "app__app_id", "app__owner__owner_id"]
    fields = [
        "device_link",
        "app",
        "app_user_id",
        "posted_text",
        "posted_at",
        "derived_text",
        "known",
        "id",
        "created_at",
        "updated_at",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Profile]:
        return super().get_queryset(request).select_related("app__owner", "device")

    @admin.display(description="members known")
    def members(self, profile: Profile) -> str:
        return ", ".join(sorted({*profile.posted, *profile.derived})) or "-"

    @admin.display(description="posted")
    def posted_text(self, profile: Profile) -> str:
        return _as_text(profile.posted)

    @admin.display(description="derived")
    def derived_text(self, profile: Profile) -> str:
        return _as_text(profile.derived)


def _as_text(value: object) -> str:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False))
