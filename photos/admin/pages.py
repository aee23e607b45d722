"""What these pages share: rows that only services write, and buttons on an object's own page."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from accounts.models import User
from core.admin import OperatorAdmin

PER_PAGE = 50


class PageAdmin(OperatorAdmin):
    """Has the actions named in `page_actions` as buttons on an object's own page too."""

    change_form_template = "admin/photos/page.html"
    list_per_page = PER_PAGE
    show_full_result_count = False
    page_actions: Sequence[str] = ()

    class Media:
        css = {"all": ["photos/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        do = self.admin_site.admin_view(require_POST(self.do_on_page))
        return [path("<uuid:pk>/do/<slug:name>/", do, name=f"{self._url_name}_do"), *super().get_urls()]

    @property
    def _url_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def change_url(self, pk: Any) -> str:
        return reverse(f"admin:{self._url_name}_change", args=[pk])

    def do_on_page(self, request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
        """Takes one of the page's actions on the one object."""
        if name not in self.page_actions:
            raise Http404
        found = self.get_queryset(request).filter(pk=pk)
        obj = found.first()
        if obj is None:
            raise Http404
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        answer: HttpResponse | None = getattr(self, name)(request, self.model._default_manager.filter(pk=pk))
        return answer or HttpResponseRedirect(self.change_url(pk))

    def log_changes(self, request: HttpRequest, objects: Iterable[Model], message: str) -> None:
        """Writes into the history of each object what was done to it."""
        LogEntry.objects.log_actions(operator_of(request).pk, list(objects), CHANGE, message)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        obj = self.get_object(request, object_id) if object_id and request.method == "GET" else None
        context = self.page_context(request, obj) if obj else {}
        return super().changeform_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What the template of an object's page shows beside its fields."""
        names = self.actions_for(obj) if self.has_change_permission(request, obj) else ()
        offered = [(name, getattr(self, name).short_description) for name in names]
        return {"page_actions": offered, "do_url_name": f"admin:{self._url_name}_do"}

    def actions_for(self, obj: Any) -> Sequence[str]:
        """Which of the page's actions make sense for the object."""
        return self.page_actions


class ReadOnlyAdmin(PageAdmin):
    """Shows rows that only services write: who may change them may take the actions, and edits nothing."""

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return flatten_fieldsets(self.get_fieldsets(request, obj))

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields or ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST":
            raise PermissionDenied  # saving would write back what a worker may have changed meanwhile
        hidden = {"show_save": False, "show_save_and_continue": False}
        return super().changeform_view(request, object_id, form_url, hidden | (extra_context or {}))


class DeletableAdmin(ReadOnlyAdmin):
    """Of such rows those that may be deleted here."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Only what was chosen: what goes along needs no leave of its own, and may be thousands of rows."""
        chosen = list(objs)
        shown = [shortened(str(obj)) for obj in chosen[:PER_PAGE]]
        more = [f"and {len(chosen) - PER_PAGE} more"] if len(chosen) > PER_PAGE else []
        return [*shown, *more], {self.opts.verbose_name_plural: len(chosen)}, set(), []


def operator_of(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


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


def link(obj: Model | None) -> str:
    """A link to the object's own page, under its name."""
    if obj is None:
        return "-"
    name = f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(name, args=[obj.pk]), shortened(str(obj)))


def list_url(model: type[Model], **filters: object) -> str:
    """The list of a model, filtered."""
    opts, wanted = model._meta, {name: str(value) for name, value in filters.items()}
    return f"{reverse(f'admin:{opts.app_label}_{opts.model_name}_changelist')}?{urlencode(wanted)}"


def shortened(text: str, length: int = 28) -> str:
    """The text with its middle left out: of a path, the end says most."""
    return text if len(text) <= length else f"{text[: length // 3]}…{text[-(length - length // 3 - 1) :]}"


def ids_of(queryset: QuerySet[Any]) -> list[UUID]:
    return list(queryset.values_list("pk", flat=True))
