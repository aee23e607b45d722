"""Opening everything that the admin offers for a model: tests of the apps above use it too."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User

ROWS = 1000
PER_PAGE = 20  # a page of 50 rows takes longer, and tells no more: a query for each would be too many


def registered(app_label: str) -> list[type[Model]]:
    """The models of an app that have admin pages."""
    return [model for model in apps.get_app_config(app_label).get_models() if admin.site.is_registered(model)]


def page(model: type[Model], name: str, *arguments: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=arguments)


def operator() -> Client:
    return _signed_in(User.objects.create_superuser("operator", "secret"))


def staff(*permissions: str) -> Client:
    """Somebody with these permissions (`photos.view_photo`) and no others."""
    user = User.objects.create_user(username="staff", password="secret", is_staff=True)
    for name in permissions:
        app_label, codename = name.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app_label, codename=codename))
    return _signed_in(user)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def viewer(app_label: str) -> Client:
    """Staff who may see all of the app, and change nothing."""
    return staff(*(f"{app_label}.view_{model._meta.model_name}" for model in registered(app_label)))


def lists(client: Client, model: type[Model]) -> Iterator[str]:
    """The list, a search, the second page; each choice of each filter and the order by each column, together."""
    start = page(model, "changelist")
    yield from (start, f"{start}?q=a%00%27;--", f"{start}?q=a&p=2")
    found = client.get(start).context["cl"]
    choices = [choice for spec in found.filter_specs for choice in spec.choices(found)]
    filters = [choice["query_string"] for choice in choices if not choice["selected"]]
    orders = [f"o={number}" for number in range(1, len(found.list_display))]
    for wanted, order in zip_longest(filters, orders, fillvalue=""):
        yield f"{start}{wanted or '?'}&{order}"


def actions(client: Client, model: type[Model]) -> list[str]:
    """What the list offers to do."""
    request = RequestFactory().get("/")
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    return list(admin.site.get_model_admin(model).get_actions(request))


def take(client: Client, model: type[Model], action: str, *, everything: bool = False, **data: Any):
    """Takes the action on one row of the list, or on all."""
    chosen = [str(pk) for pk in model._default_manager.order_by("pk").values_list("pk", flat=True)[:50]]
    if not everything:
        chosen = chosen[:1]
    form = {"action": action, "index": "0", "_selected_action": chosen, "select_across": str(int(everything))}
    return client.post(page(model, "changelist"), form | data, follow=True)
