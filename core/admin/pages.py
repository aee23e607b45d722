"""The kinds of admin pages. An action asks for a permission of its page, in a list and as a button alike:

- `change` where operators edit rows by hand;
- `act` on rows that only services write: whoever may change them may use the actions, though nobody edits them;
- `remove` for actions that take such rows away: whoever may delete them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import Model, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from core.admin.display import page_url, shortened

# Fields, of whichever model, whose values no page shows.
SECRETS = frozenset(
    ("password", "digest", "token", "fb_token", "push_notif_token", "body", "data", "claim", "embedding", "model")
)
SET_OR_NOT = ("isempty", "isnull")
MOST_AT_ONCE = 10_000  # rows of an action; commands know no such limit
MOST_DELETED = 2000  # rows at once: the page that asks for leave sends each back as a field of its form
PER_PAGE = 50


class OperatorAdmin(admin.ModelAdmin):
    """What holds for the pages of all models. Those of its actions named in `page_actions` are buttons, too."""

    change_form_template = "admin/core/page.html"
    list_per_page = PER_PAGE
    show_full_result_count = False
    page_actions: Sequence[str] = ()

    class Media:
        css = {"all": ["core/admin.css"]}

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

    def get_urls(self) -> list[URLPattern]:
        do = self.admin_site.admin_view(require_POST(self.do_on_page))
        return [path("<uuid:pk>/do/<slug:name>/", do, name=self._do_url_name), *super().get_urls()]

    @property
    def _do_url_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_do"

    def do_on_page(self, request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
        """Takes one of the page's actions on the one row."""
        chosen = self.get_queryset(request).filter(pk=pk)
        if name not in self.page_actions or not chosen.exists():
            raise Http404
        allowed = self.get_actions(request)
        if name not in allowed:
            raise PermissionDenied
        answer: HttpResponse | None = allowed[name][0](self, request, chosen)
        return answer or HttpResponseRedirect(page_url(self.model, pk))

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        shown = self.page_context(request, obj) if obj else {}
        return super().render_change_form(request, {**context, **shown}, add, change, form_url, obj)

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What the template of a row's page shows beside its fields."""
        allowed = self.get_actions(request)
        offered = [(name, allowed[name][2]) for name in self.actions_for(obj) if name in allowed]
        return {"page_actions": offered, "do_url_name": f"admin:{self._do_url_name}"}

    def actions_for(self, obj: Any) -> Sequence[str]:
        """Which of the page's actions make sense for the row."""
        return self.page_actions

    def log_changes(self, request: HttpRequest, rows: Iterable[Model], message: str) -> None:
        """Writes into the history of each row what was done to it."""
        LogEntry.objects.log_actions(str(request.user.pk), list(rows), CHANGE, message)


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

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Saving a form would write back what a worker may have changed meanwhile."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "change", self.model)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "delete", self.model)


class DeletableAdmin(ReadOnlyAdmin):
    """Such rows, of which operators may delete some."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_remove_permission(request)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Only what was chosen: what goes along needs no leave of its own, and may be thousands of rows."""
        chosen = list(objs)
        return listed(chosen), {self.opts.verbose_name_plural: len(chosen)}, set(), []


def listed(rows: Sequence[Model]) -> list[str]:
    """The names of the first of the rows, and how many more there are."""
    more = [f"and {len(rows) - PER_PAGE} more"] if len(rows) > PER_PAGE else []
    return [*(shortened(str(row)) for row in rows[:PER_PAGE]), *more]


def may(user: PermissionsMixin | AnonymousUser, action: str, model: type[Model]) -> bool:
    """Whether the user has the permission that the model's pages ask for."""
    return user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}")


def may_see(user: PermissionsMixin | AnonymousUser, *models: type[Model]) -> bool:
    """Whether the user may look at the pages of one of the models."""
    return any(may(user, action, model) for model in models for action in ("view", "change"))
