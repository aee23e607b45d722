"""What the admin pages of all apps share."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince

from accounts.models import User


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only services write: operators look at them, and act on them where there is an action."""

    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 200

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Who may change these rows may use the actions, though nobody edits a row by hand."""
        return may(request, "change", self.model)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return may(request, "delete", self.model)


def may(request: HttpRequest, action: str, model: type[Model]) -> bool:
    user = request.user
    return isinstance(user, User) and user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}")


def link(row: Model | None, text: object = None) -> str:
    """A link to the row's own page; a dash for none."""
    if row is None:
        return "-"
    return page_link(type(row), row.pk, row if text is None else text)


def page_link(model: type[Model], pk: UUID | str | int, text: object) -> str:
    return format_html('<a href="{}">{}</a>', reverse(f"{_pages(model)}_change", args=[pk]), str(text))


def list_link(model: type[Model], text: object, **lookups: object) -> str:
    """A link to the list of those rows that the lookups select."""
    url = reverse(f"{_pages(model)}_changelist", query=lookups)
    return format_html('<a href="{}">{}</a>', url, str(text))


def _pages(model: type[Model]) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}"


def age(since: Any) -> str:
    """How long ago that was: `3 minutes`; a dash for never."""
    return timesince(since, timezone.now(), depth=1) if since else "-"
