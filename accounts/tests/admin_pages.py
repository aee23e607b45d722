"""What the tests of all admin pages share: operators, and a visit to each kind of page."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import User

ROWS = 1000
LIST_QUERIES, PAGE_QUERIES, ACTION_QUERIES = 10, 20, 30


@contextmanager
def for_many_tests(django_db_blocker) -> Iterator[None]:
    """Rows that are made inside are there for all tests of a class; what a test does to them is undone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def superuser() -> User:
    return User.objects.create_superuser("superuser", "a secret of theirs")


def viewer() -> User:
    """Staff who may look at everything and change nothing."""
    user = User.objects.create_user(username="viewer", password="another secret", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(model: type[Model], kind: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=args)


def models_of(app_label: str) -> list[type[Model]]:
    return [model for model in admin.site._registry if model._meta.app_label == app_label]


def visits(client: Client, model: type[Model], term: str, monkeypatch) -> Iterator[dict]:
    """What can be asked of a model's list: a search, the second page, each choice of each filter, each order.

    A page of them has few rows: it is the first visit that shows how many queries many rows cost.
    """
    response = client.get(page(model, "changelist"))
    monkeypatch.setattr(admin.site._registry[model], "list_per_page", 8)
    yield {"q": term}
    yield {"p": "2"}
    yield from filter_queries(response)
    yield from sort_queries(response)


def filter_queries(response) -> Iterator[dict[str, list[str]]]:
    """What each choice of each filter of a list asks for."""
    changelist = response.context["cl"]
    for spec in changelist.filter_specs:
        for choice in spec.choices(changelist):
            yield parse_qs(choice["query_string"].lstrip("?"))


def sort_queries(response) -> Iterator[dict[str, str]]:
    for number in range(1, len(response.context["cl"].list_display)):
        yield {"o": str(number)}


def actions_of(model: type[Model], client_user: User, rf) -> set[str]:
    request = rf.get("/")
    request.user = client_user
    return set(admin.site._registry[model].get_actions(request))


def act(client: Client, model: type[Model], action: str, rows: Iterable[object], **data: str):
    chosen = {"action": action, ACTION_CHECKBOX_NAME: [str(row) for row in rows], **data}
    return client.post(page(model, "changelist"), chosen)


def act_on_all(client: Client, model: type[Model], action: str, alias=lambda model, pk: pk, **data: str):
    """`alias` says what stands on the page for a row's key."""
    first = model._default_manager.values_list("pk", flat=True).first()
    return act(client, model, action, [alias(model, first)], select_across="1", **data)
