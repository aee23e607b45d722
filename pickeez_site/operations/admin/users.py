"""The admin page of a user, with links to their rows in all apps, and the links that sign them in."""

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.admin import UserAdmin
from accounts.models import AccessToken, BrowserSession, Message, User
from accounts.services import create_sign_in_link
from albums.models import Album, Invitation
from core.admin import list_link
from faces.models import Selfie
from photos.models import Photo
from pickeez_site.gallery.signing_in import sign_in_link_url
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
    "browsers": (BrowserSession, "user"),
    "messages": (Message, "user"),
}


class UserWithAllAdmin(UserAdmin):
    actions = [*UserAdmin.actions, "sign_in_link"]
    page_actions = ["sign_in_link"]

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

    def has_impersonate_permission(self, request: HttpRequest) -> bool:
        """Whoever has such a link is that user in the gallery, so only superusers make them."""
        return isinstance(request.user, User) and request.user.is_superuser

    @admin.action(description="Make a link that signs this user in", permissions=["impersonate"])
    def sign_in_link(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Shows the link on a page of its own: a message would be stored in a cookie."""
        users = list(queryset[:2])
        if len(users) != 1 or not users[0].is_active:
            self.message_user(request, "Choose one active user: each link is for one of them.", messages.ERROR)
            return None
        link = sign_in_link_url(create_sign_in_link(user=users[0]))
        self.log_changes(request, users, "Made a link that signs this user in.")
        context = {
            **self.admin_site.each_context(request),
            "title": "A link that signs in",
            "user": users[0],
            "link": link,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/accounts/sign_in_link.html", context)

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
