"""The admin page of a user, with links to their rows in all apps."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import Model, Q
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.admin import UserAdmin
from accounts.models import AccessToken, Message, User
from albums.models import Album, Invitation
from core.admin import list_link
from faces.models import Selfie
from photos.models import Photo
from profiles.models import Device

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec

# A model, and its foreign key that names the user to whom a row belongs.
USER_ROWS: dict[str, tuple[type[Model], str]] = {
    "albums": (Album, "owner"),
    "memberships": (Invitation, "claimed_by"),
    "photos": (Photo, "uploader"),
    "selfies": (Selfie, "user"),
    "devices": (Device, "user"),
    "access tokens": (AccessToken, "user"),
    "messages": (Message, "user"),
}


class UserWithAllAdmin(UserAdmin):
    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> "_FieldsetSpec":
        fieldsets = super().get_fieldsets(request, obj)
        return [fieldsets[0], ("Theirs", {"fields": ["theirs"]}), *fieldsets[1:]] if obj else fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "theirs"]

    @admin.display(description="links")
    def theirs(self, user: User) -> SafeString:
        links = []
        for name, (model, key) in USER_ROWS.items():
            number = model._default_manager.filter(**{key: user}).count()
            links.append(list_link(model, f"{number:,} {name}", **{f"{key}__id__exact": user.pk}))
        return format_html_join(" · ", "{}", ((link,) for link in links))

    def count_deleted_rows(self, users: list[User]) -> dict[str, int]:
        ids = [user.pk for user in users]
        photos = Q(uploader__in=ids) | Q(owner__in=ids) | Q(album__owner__in=ids)
        return {
            **super().count_deleted_rows(users),
            "albums": Album.objects.filter(owner__in=ids).count(),
            "photos": Photo.objects.filter(photos).count(),
            "selfies": Selfie.objects.filter(user__in=ids).count(),
        }


admin.site.unregister(User)
admin.site.register(User, UserWithAllAdmin)
