"""What the admin pages of all apps share."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.db.models import Model, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince

from accounts.models import User

# Fields, of whichever model, whose values no page shows.
SECRETS = frozenset(
    ("password", "digest", "fb_token", "push_notif_token", "body", "data", "claim", "embedding", "model")
)
SET_OR_NOT = ("isempty", "isnull")
MOST_DELETED = 2000  # rows at once: the page that asks for leave sends each back as a field of its form


class OperatorAdmin(admin.ModelAdmin):
    """What holds for the pages of all models."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """A list filtered by a secret would tell it, letter by letter. Whether there is one may be asked."""
        names = lookup.split(LOOKUP_SEP)
        if names[-1] not in SET_OR_NOT and SECRETS.intersection(names):
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        if offered := actions.get("delete_selected"):
            actions["delete_selected"] = (delete_few, *offered[1:])
        return actions


def delete_few(page: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
    """Django's own deleting of the selected, unless these are too many for its form."""
    number = queryset.count()
    if number > MOST_DELETED:
        said = f"At most {MOST_DELETED:,} can be deleted at once, and {number:,} are selected."
        page.message_user(request, said, messages.ERROR)
        return None
    return delete_selected(page, request, queryset)


class ReadOnlyAdmin(OperatorAdmin):
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
