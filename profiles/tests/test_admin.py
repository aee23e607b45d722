import re

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from accounts.models import User
from profiles.models import ApiKey, App, Device, Owner, Profile
from profiles.services import app_named, issue_key, key_presented, post_profile

MODELS = ["owner", "app", "apikey", "device", "profile"]


@pytest.fixture
def operator(db, client):
    client.force_login(User.objects.create_superuser("operator", "secret"))
    return client


@pytest.fixture
def app(db) -> App:
    return app_named(owner_id="Acme", app_id="Shop")


def issue(operator, app) -> str:
    answer = operator.post(reverse("admin:profiles_apikey_add"), {"app": str(app.pk), "label": "billing"})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    (key,) = re.findall(r'value="([\w-]{43})"', answer.content.decode())
    return key


def test_a_key_is_issued_and_shown_once(operator, app):
    key = issue(operator, app)
    found = key_presented(key=key)
    assert (found.app, found.label) == (app, "billing")
    pages = [
        reverse("admin:profiles_apikey_changelist"),
        reverse("admin:profiles_apikey_change", args=[found.pk]),
        reverse("admin:profiles_apikey_history", args=[found.pk]),
        reverse("admin:index"),
    ]
    for page in pages:
        text = operator.get(page).content.decode()
        assert key not in text
        assert found.digest not in text
    assert key not in repr(list(LogEntry.objects.values()))
    assert key not in repr(operator.cookies)


def test_a_key_keeps_its_app(operator, app):
    found, key = issue_key(app=app)
    other = app_named(owner_id="Rival", app_id="Shop")
    page = reverse("admin:profiles_apikey_change", args=[found.pk])
    operator.post(page, {"app": str(other.pk), "label": "renamed", "digest": "x", "revoked_at": "2020-01-01"})
    assert (key_presented(key=key).app, key_presented(key=key).label) == (app, "renamed")


def test_keys_are_revoked(operator, app):
    (first, key), (_, kept) = issue_key(app=app), issue_key(app=app)
    data = {"action": "revoke", "_selected_action": [str(first.pk)]}
    answer = operator.post(reverse("admin:profiles_apikey_changelist"), data, follow=True)
    assert "1 keys revoked." in answer.content.decode()
    assert key_presented(key=key) is None
    assert key_presented(key=kept)


@pytest.mark.parametrize("field", ["owner_id", "app_id"])
@pytest.mark.parametrize("bad", ["", "a\nb", "x" * 129])
def test_a_bad_id_is_refused(operator, app, field, bad):
    page = reverse(f"admin:profiles_{'owner' if field == 'owner_id' else 'app'}_add")
    inline = {"apps-TOTAL_FORMS": "0", "apps-INITIAL_FORMS": "0"}
    answer = operator.post(page, {field: bad, "owner": str(app.owner_id), **inline})
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert (Owner.objects.count(), App.objects.count()) == (1, 1)


@pytest.mark.parametrize("model", MODELS)
def test_every_page_costs_few_queries(operator, app, model, django_assert_max_num_queries):
    for number in range(50):
        issue_key(app=app_named(owner_id=f"Owner {number}", app_id="Shop"))
        post_profile(app=app, device_id=f"device {number}", members={"gender": "male"})
    with django_assert_max_num_queries(10):
        page = operator.get(reverse(f"admin:profiles_{model}_changelist"), {"q": "o"})
    assert page.status_code == 200
    row = {"owner": Owner, "app": App, "apikey": ApiKey, "device": Device, "profile": Profile}[
        model
    ].objects.first()
    with django_assert_max_num_queries(12):
        assert operator.get(reverse(f"admin:profiles_{model}_change", args=[row.pk])).status_code == 200


@pytest.mark.parametrize("model", ["device", "profile"])
def test_devices_and_profiles_are_not_made_by_hand(operator, model):
    assert operator.get(reverse(f"admin:profiles_{model}_add")).status_code == 403
