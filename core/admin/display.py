"""What lists and pages show: links to other rows, long texts made short, how long ago; and filters in words."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince

NOTHING = "-"
FITS = 28  # characters of a column, beside the others and the filters


def link(row: Model | None, text: object = None) -> str:
    """A link to the row's own page, under this text or the row's name, shortened; a dash for none."""
    if row is None:
        return NOTHING
    return format_html(
        '<a href="{}">{}</a>', page_url(type(row), row.pk), shortened(str(row)) if text is None else str(text)
    )


def link_to(
    key: str, *, description: str = "", ordering: str | None = None
) -> Callable[[admin.ModelAdmin, Any], str]:
    """A column of a list, or a field of a page, that links to the row that this foreign key names."""

    @admin.display(description=description or key.replace("_", " "), ordering=ordering)
    def column(page: admin.ModelAdmin, row: Any) -> str:
        return link(getattr(row, key))

    return column


def short_name(key: str) -> Callable[[admin.ModelAdmin, Any], str]:
    """A column with the name of the row behind this foreign key, without a link: the list makes it its own."""

    @admin.display(description=key.replace("_", " "))
    def column(page: admin.ModelAdmin, row: Any) -> str:
        return shortened(str(getattr(row, key)))

    return column


def page_url(model: type[Model], pk: UUID | str | int) -> str:
    """The address of a row's own page."""
    return reverse(f"{_pages(model)}_change", args=[pk])


def list_url(model: type[Model], **lookups: object) -> str:
    """The address of the list of those rows that the lookups select."""
    return reverse(f"{_pages(model)}_changelist", query=lookups)


def list_link(model: type[Model], text: object, **lookups: object) -> str:
    """A link to the list of those rows that the lookups select."""
    return format_html('<a href="{}">{}</a>', list_url(model, **lookups), str(text))


def _pages(model: type[Model]) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}"


def shortened(text: str, length: int = FITS) -> str:
    """The text with its middle left out: of a path, the end says most."""
    return text if len(text) <= length else f"{text[: length // 3]}…{text[-(length - length // 3 - 1) :]}"


def age(since: datetime | None) -> str:
    """How long ago that was: `3 minutes`; a dash for never."""
    return timesince(since, timezone.now(), depth=1) if since else NOTHING


def presence(title: str, present: str, absent: str) -> type[admin.EmptyFieldListFilter]:
    """A filter by whether a field is set, in words."""

    class Presence(admin.EmptyFieldListFilter):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.title = title

        def choices(self, changelist: Any) -> Iterator[Any]:
            for choice in super().choices(changelist):
                words = choice["display"].replace("Not empty", present).replace("Empty", absent)
                yield {**choice, "display": words}

    return Presence
