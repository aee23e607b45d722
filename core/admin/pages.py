"""The kinds of admin pages. Each action needs one permission, the same in a list and as a button on a page:

- `change` where operators edit rows by hand;
- `act` on rows that only services write: nobody edits them, but who has the model's `change` may use the actions;
- `remove` for actions that remove such rows: who has the model's `delete` may use them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import Any, Generic, TypeAlias, TypeVar
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

from core.admin.display import page_url, truncate_middle

RowType = TypeVar("RowType", bound=Model)
Action: TypeAlias = Callable[[admin.ModelAdmin, HttpRequest, QuerySet], HttpResponse | None]
# The function, name and description of each action. The stubs say that actions return a string.
Actions: TypeAlias = dict[str, Any]

# Fields of any model whose values no page shows.
SECRETS = frozenset(
    (
        *("password", "digest", "token", "fb_token", "push_notif_token", "body", "data", "claim", "embedding"),
        *("model", "link_nonce", "link_digest", "session_key", "session_data", "endpoint", "p256dh", "auth"),
    )
)
PRESENCE_LOOKUPS = ("isempty", "isnull")
MAX_ACTION_ROWS = 10_000  # commands have no such limit
MAX_DELETED_ROWS = 2000  # the page that asks for confirmation sends each row back as a field of its form
ROWS_PER_PAGE = 50


class OperatorAdmin(admin.ModelAdmin, Generic[RowType]):
    """The base of all pages. The actions named in `page_actions` are also buttons on a row's page."""

    change_form_template = "admin/core/page.html"
    list_per_page = ROWS_PER_PAGE
    show_full_result_count = False
    page_actions: Sequence[str] = ()

    class Media:
        css = {"all": ["core/admin.css"]}

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Forbids filters by secrets, which would reveal them letter by letter; except by whether one is set."""
        names = lookup.split(LOOKUP_SEP)
        primary_keys = _primary_keys_in_lookup(names, self.model)
        if names[-1] not in PRESENCE_LOOKUPS and SECRETS.intersection([*names, *primary_keys]):
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_actions(self, request: HttpRequest) -> Actions:
        actions: Actions = super().get_actions(request)
        return {
            name: (_limit_rows(action, MAX_DELETED_ROWS if name == "delete_selected" else MAX_ACTION_ROWS), *rest)
            for name, (action, *rest) in actions.items()
        }

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.run_page_action))
        return [path("<uuid:pk>/do/<slug:name>/", view, name=self._do_url_name), *super().get_urls()]

    @property
    def _do_url_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_do"

    def run_page_action(self, request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
        """The view of the buttons: runs one of the page's actions on its row."""
        queryset = self.get_queryset(request).filter(pk=pk)
        if name not in self.page_actions or not queryset.exists():
            raise Http404
        allowed = self.get_actions(request)
        if name not in allowed:
            raise PermissionDenied
        response: HttpResponse | None = allowed[name][0](self, request, queryset)
        return response or HttpResponseRedirect(page_url(self.model, pk))

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, object],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: RowType | None = None,
    ) -> HttpResponse:
        more = self.page_context(request, obj) if obj else {}
        return super().render_change_form(request, {**context, **more}, add, change, form_url, obj)

    def page_context(self, request: HttpRequest, obj: RowType) -> dict[str, object]:
        """Returns what the template of a row's page shows beside its fields."""
        allowed = self.get_actions(request)
        offered = [(name, allowed[name][2]) for name in self.actions_for(obj) if name in allowed]
        return {"page_actions": offered, "do_url_name": f"admin:{self._do_url_name}"}

    def actions_for(self, obj: RowType) -> Sequence[str]:
        """Returns the names of the page's actions that make sense for the row."""
        return self.page_actions

    def log_changes(self, request: HttpRequest, rows: Iterable[Model], message: str) -> None:
        """Adds the message to the history of each row."""
        LogEntry.objects.log_actions(str(request.user.pk), list(rows), CHANGE, message)


def _limit_rows(action: Action, limit: int) -> Action:
    """Returns the action with a limit: its rows are held in memory, and written in one transaction."""

    @wraps(action)
    def limited_action(page: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        if (number := queryset.count()) <= limit:
            return action(page, request, queryset)
        message = f"At most {limit:,} rows can be chosen at once; {number:,} are selected."
        page.message_user(request, message, messages.ERROR)
        return None

    return limited_action


def _primary_keys_in_lookup(names: list[str], model: type[Model]) -> Iterator[str]:
    """Yields the primary keys that a lookup compares without naming them: by `pk`, or by a relation."""
    for name in names:
        if name == "pk":
            yield model._meta.pk.name
            return
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:  # the last part: how the value is compared
            return
        if field.related_model is None:
            return
        model = field.related_model
        yield model._meta.pk.name


class ReadOnlyAdmin(OperatorAdmin[RowType], Generic[RowType]):
    """Pages of rows that only services write: operators may look at them and use the page's actions."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Forbids forms: saving one would overwrite what a worker may have changed meanwhile."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        return has_model_permission(request.user, "change", self.model)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return has_model_permission(request.user, "delete", self.model)


class DeletableAdmin(ReadOnlyAdmin[RowType], Generic[RowType]):
    """Read-only pages of rows that operators may delete."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_remove_permission(request)

    def get_deleted_objects(
        self, objs: Sequence[RowType] | QuerySet[RowType], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Lists only the chosen rows: rows deleted with them need no further permission, and may be thousands."""
        chosen = list(objs)
        return truncated_names(chosen), {str(self.opts.verbose_name_plural): len(chosen)}, set(), []


def truncated_names(rows: Sequence[Model]) -> list[str]:
    """Returns the names of the first page of the rows, and a line with the number of the others."""
    more = [f"and {len(rows) - ROWS_PER_PAGE} more"] if len(rows) > ROWS_PER_PAGE else []
    return [*(truncate_middle(str(row)) for row in rows[:ROWS_PER_PAGE]), *more]


def has_model_permission(user: PermissionsMixin | AnonymousUser, action: str, model: type[Model]) -> bool:
    """Returns whether the user has Django's `view`, `add`, `change` or `delete` permission for the model."""
    return user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}")


def can_view(user: PermissionsMixin | AnonymousUser, *models: type[Model]) -> bool:
    """Returns whether the user may open the pages of at least one of the models."""
    return any(has_model_permission(user, action, model) for model in models for action in ("view", "change"))
