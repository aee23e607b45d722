"""What lists and pages show: links to other rows, shortened texts, times, and filters in plain words."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Field, Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince

EMPTY_VALUE = "-"
COLUMN_CHARACTERS = 28  # what a column shows without crowding out the others and the filters


def link(row: Model | None, text: object = None) -> str:
    """Returns a link to the row's own page, with this text or the row's shortened name; a dash for None."""
    if row is None:
        return EMPTY_VALUE
    return format_html(
        '<a href="{}">{}</a>',
        page_url(type(row), row.pk),
        truncate_middle(str(row)) if text is None else str(text),
    )


def link_column(
    foreign_key: str, *, description: str = "", ordering: str | None = None
) -> Callable[[admin.ModelAdmin, Model], str]:
    """Returns a column of a list, or a field of a page, that links to the row of this foreign key."""

    @admin.display(description=description or foreign_key.replace("_", " "), ordering=ordering)
    def column(page: admin.ModelAdmin, row: Model) -> str:
        return link(getattr(row, foreign_key))

    return column


def name_column(foreign_key: str) -> Callable[[admin.ModelAdmin, Model], str]:
    """Returns a column with the name of the row of this foreign key; a list may add its own link."""

    @admin.display(description=foreign_key.replace("_", " "))
    def column(page: admin.ModelAdmin, row: Model) -> str:
        return truncate_middle(str(getattr(row, foreign_key)))

    return column


def page_url(model: type[Model], pk: UUID | str | int) -> str:
    """Returns the address of a row's own page."""
    return reverse(f"{_url_prefix(model)}_change", args=[pk])


def list_url(model: type[Model], **lookups: object) -> str:
    """Returns the address of the list of the rows that the lookups select."""
    return reverse(f"{_url_prefix(model)}_changelist", query=lookups)


def list_link(model: type[Model], text: object, **lookups: object) -> str:
    """Returns a link to the list of the rows that the lookups select."""
    return format_html('<a href="{}">{}</a>', list_url(model, **lookups), str(text))


def _url_prefix(model: type[Model]) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}"


def truncate_middle(text: str, length: int = COLUMN_CHARACTERS) -> str:
    """Shortens the text by leaving out its middle: the end of a path says most."""
    return text if len(text) <= length else f"{text[: length // 3]}…{text[-(length - length // 3 - 1) :]}"


def time_since(moment: datetime | None) -> str:
    """Returns how long ago the moment was, as `3 minutes`; a dash for None."""
    return timesince(moment, timezone.now(), depth=1) if moment else EMPTY_VALUE


def presence_filter(title: str, present: str, absent: str) -> type[admin.EmptyFieldListFilter]:
    """Returns a filter by whether a field is set, with these words for its choices."""

    class PresenceFilter(admin.EmptyFieldListFilter):
        def __init__(
            self,
            field: Field,
            request: HttpRequest,
            params: dict[str, list[str]],
            model: type[Model],
            model_admin: admin.ModelAdmin,
            field_path: str,
        ) -> None:
            super().__init__(field, request, params, model, model_admin, field_path)
            self.title = title

        def choices(self, changelist: ChangeList) -> Iterator[Mapping[str, object]]:  # type: ignore[override]
            for choice in super().choices(changelist):
                words = str(choice["display"]).replace("Not empty", present).replace("Empty", absent)
                yield {**choice, "display": words}

    return PresenceFilter
