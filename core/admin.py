"""What the admin pages of all apps share."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince

# Fields, of whichever model, whose values no page shows.
SECRETS = frozenset(
    ("password", "digest", "token", "fb_token", "push_notif_token", "body", "data", "claim", "embedding", "model")
)
SET_OR_NOT = ("isempty", "isnull")
MOST_AT_ONCE = 10_000  # rows of an action; commands know no such limit
MOST_DELETED = 2000  # rows at once: the page that asks for leave sends each back as a field of its form


class OperatorAdmin(admin.ModelAdmin):
    """What holds for the pages of all models."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """A list filtered by a secret would tell it, letter by letter. Whether there is one may be asked."""
        names = lookup.split(LOOKUP_SEP)
        if names[-1] not in SET_OR_NOT and SECRETS.intersection([*names, *_keys_named_by(names, self.model)]):
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        return {
            name: (_limited(action, MOST_DELETED if name == "delete_selected" else MOST_AT_ONCE), *rest)
            for name, (action, *rest) in actions.items()
        }


def _limited(action: Callable[..., Any], most: int) -> Callable[..., Any]:
    """The action, on so many rows at most: they are held in memory, and written in one transaction."""

    @wraps(action)
    def act(page: Any, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        if (number := queryset.count()) <= most:
            return action(page, request, queryset)
        said = f"At most {most:,} can be taken at once, and {number:,} are selected: narrow the list down."
        page.message_user(request, said, messages.ERROR)
        return None

    return act


def _keys_named_by(names: list[str], model: type[Model]) -> Iterator[str]:
    """The primary keys that a lookup is about without giving their names: by `pk`, or as a relation itself."""
    for name in names:
        if name == "pk":
            yield model._meta.pk.name
            return
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:  # how it is compared
            return
        if field.related_model is None:
            return
        model = field.related_model
        yield model._meta.pk.name


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
    return request.user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}")


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
