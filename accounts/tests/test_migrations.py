"""Migrations of the accounts: what operators may do, they may still do afterwards."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

migration = import_module("accounts.migrations.0002_name_rate_limit_hits")


@pytest.mark.django_db
def test_operators_keep_their_permissions_under_the_new_name_of_a_model_and_back() -> None:
    group = Group.objects.create(name="operators")
    group.permissions.set(Permission.objects.filter(codename__endswith="_ratelimithit"))
    migration.backward(apps, None)
    names = set(group.permissions.values_list("codename", flat=True))
    assert names == {"add_use", "change_use", "delete_use", "view_use"}
    migration.forward(apps, None)
    assert group.permissions.filter(codename="delete_ratelimithit", name="Can delete rate limit hit").exists()
    assert group.permissions.count() == 4
