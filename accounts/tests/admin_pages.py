"""Helpers for the tests of all admin pages: operators, and requests to each kind of page."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from accounts.models import User
from core.tests.answers import Answer

ROWS = 1000
PER_PAGE = 20
LIST_QUERIES, PAGE_QUERIES, ACTION_QUERIES = 11, 22, 32


@contextmanager
def class_wide_rows(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Lets a fixture create rows for all tests of a class; the changes of each test are rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def superuser() -> User:
    return User.objects.create_superuser("superuser", "a secret of theirs")


def viewer(*app_labels: str) -> User:
    """Creates staff who may view everything, or everything in these apps, and change nothing."""
    views = Permission.objects.filter(codename__startswith="view_")
    user = User.objects.create_user(username="viewer", password="another secret", is_staff=True)
    user.user_permissions.set(views.filter(content_type__app_label__in=app_labels) if app_labels else views)
    return user


def client_for(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def operator() -> Client:
    return client_for(superuser())


def staff(*permissions: str) -> Client:
    """Returns a client of staff who have only these permissions, as `photos.view_photo`."""
    user = User.objects.create_user(username="staff", password="secret", is_staff=True)
    for name in permissions:
        app_label, codename = name.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app_label, codename=codename))
    return client_for(user)


def page(model: type[Model], kind: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=args)


def models_of(app_label: str) -> list[type[Model]]:
    """Returns the models of an app that have admin pages."""
    return [model for model in apps.get_app_config(app_label).get_models() if admin.site.is_registered(model)]


def first(model: type[Model]) -> Model:
    """Returns the first row of a model, which must have one."""
    row = model._default_manager.first()
    assert row
    return row


def list_parameters(
    client: Client, model: type[Model], term: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """Yields the parameters of a model's list: searches, the second page, each choice of each filter, each order.

    Shortens the pages: with all 50 rows the tests take longer, and find a query for each row no better.
    """
    monkeypatch.setattr(admin.site.get_model_admin(model), "list_per_page", PER_PAGE)
    changelist = client.get(page(model, "changelist")).context["cl"]
    yield from ({}, {"q": term}, {"q": "a\0';--"}, {"p": "2"})
    choices = [choice for spec in changelist.filter_specs for choice in spec.choices(changelist)]
    filters = [parse_qs(choice["query_string"].lstrip("?")) for choice in choices if not choice["selected"]]
    orders = [{"o": str(number)} for number in range(1, len(changelist.list_display))]
    for wanted, order in zip_longest(filters, orders):
        yield {**(wanted or {}), **(order or {})}


def actions(client: Client, model: type[Model]) -> list[str]:
    """Returns the names of the actions that the list offers."""
    request = RequestFactory().get("/")
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    return list(admin.site.get_model_admin(model).get_actions(request))


def post_action(
    client: Client, model: type[Model], action: str, rows: Iterable[object], *, follow: bool = False, **data: Any
) -> Answer:
    chosen = {"action": action, ACTION_CHECKBOX_NAME: [str(row) for row in rows], **data}
    return client.post(page(model, "changelist"), chosen, follow=follow)


def run_action(
    client: Client, model: type[Model], action: str, *, everything: bool = False, **data: Any
) -> Answer:
    """Runs the action on the first row or on all, and returns the page that follows."""
    first = model._default_manager.order_by("pk").values_list("pk", flat=True)[:1]
    return post_action(client, model, action, first, follow=True, select_across=str(int(everything)), **data)


def run_action_on_all(
    client: Client,
    model: type[Model],
    action: str,
    alias: Callable[..., object] = lambda model, pk: pk,
    **data: Any,
) -> Answer:
    """Runs the action on all rows. `alias` returns what the page contains instead of a row's key."""
    first = model._default_manager.values_list("pk", flat=True).first()
    return post_action(client, model, action, [alias(model, first)], select_across="1", **data)
