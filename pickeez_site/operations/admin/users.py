"""A user's page with links to all that is theirs, on whichever floor it lives."""

from typing import Any

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

# A model, and by which of its keys a row is a user's.
THEIRS: dict[str, tuple[type[Model], str]] = {
    "albums": (Album, "owner"),
    "memberships": (Invitation, "claimed_by"),
    "photos": (Photo, "uploader"),
    "selfies": (Selfie, "user"),
    "devices": (Device, "user"),
    "access tokens": (AccessToken, "user"),
    "messages": (Message, "user"),
}


class UserWithAllAdmin(UserAdmin):
    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return [fieldsets[0], ("Theirs", {"fields": ["theirs"]}), *fieldsets[1:]] if obj else fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "theirs"]

    @admin.display(description="links")
    def theirs(self, user: User) -> SafeString:
        links = [_link_to(name, model, key, user) for name, (model, key) in THEIRS.items()]
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


def _link_to(name: str, model: type[Model], key: str, user: User) -> str:
    number = model._default_manager.filter(**{key: user}).count()
    return list_link(model, f"{number:,} {name}", **{f"{key}__id__exact": user.pk})


admin.site.unregister(User)
admin.site.register(User, UserWithAllAdmin)
