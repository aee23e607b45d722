import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.test import RequestFactory
from django.test.client import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from accounts.models import User
from accounts.services import token_digest
from accounts.tests import admin_pages as pages
from accounts.tests.admin_pages import ACTION_QUERIES, LIST_QUERIES, PAGE_QUERIES, ROWS
from conftest import Person
from core.tests.presence import present
from photos.models import Photo
from photos.tests.builders import place_photos
from profiles.models import ApiKey, App, Device, Owner, Profile, ScannedPhoto
from profiles.services import find_api_key, get_or_create_app, issue_key, post_profile, revoke_keys

MADE_BY_HAND = [Owner, App, ApiKey]
MODELS = [*MADE_BY_HAND, Device, ScannedPhoto, Profile]
ACTIONS = {ApiKey: {"revoke"}, Device: {"erase"}}


@pytest.fixture
def operator(db: None, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("operator", "secret"))
    return client


@pytest.fixture
def viewer(db: None) -> Client:
    return pages.client_for(pages.viewer())


@pytest.fixture
def app(db: None) -> App:
    return get_or_create_app(owner_id="Acme", app_id="Shop")


def issue(operator: Client, app: App) -> str:
    answer = operator.post(reverse("admin:profiles_apikey_add"), {"app": str(app.pk), "label": "billing"})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    (key,) = re.findall(r'value="([\w-]{43})"', answer.content.decode())
    return key


def test_a_key_is_issued_and_shown_once(operator: Client, app: App) -> None:
    key = issue(operator, app)
    found = present(find_api_key(key=key))
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


def test_the_app_of_a_key_cannot_be_changed(operator: Client, app: App) -> None:
    found, key = issue_key(app=app)
    other = get_or_create_app(owner_id="Rival", app_id="Shop")
    page = reverse("admin:profiles_apikey_change", args=[found.pk])
    operator.post(page, {"app": str(other.pk), "label": "renamed", "digest": "x", "revoked_at": "2020-01-01"})
    assert (present(find_api_key(key=key)).app, present(find_api_key(key=key)).label) == (app, "renamed")


def test_keys_are_revoked(operator: Client, app: App) -> None:
    (first, key), (_, kept) = issue_key(app=app), issue_key(app=app)
    data = {"action": "revoke", "_selected_action": [str(first.pk)]}
    answer = operator.post(reverse("admin:profiles_apikey_changelist"), data, follow=True)
    assert "1 keys revoked." in answer.content.decode()
    assert find_api_key(key=key) is None
    assert find_api_key(key=kept)


@pytest.mark.parametrize("field", ["owner_id", "app_id"])
@pytest.mark.parametrize("bad", ["", "a\nb", "x" * 129])
def test_a_bad_id_is_refused(operator: Client, app: App, field: str, bad: str) -> None:
    page = reverse(f"admin:profiles_{'owner' if field == 'owner_id' else 'app'}_add")
    answer = operator.post(page, {field: bad, "owner": str(app.owner_id)})
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert (Owner.objects.count(), App.objects.count()) == (1, 1)


@pytest.fixture(scope="class")
def thousand(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A thousand owners, each with an app, its key, and a device with a profile and a photo."""
    with pages.class_wide_rows(django_db_blocker):
        _make_rows()
        yield


def _make_rows() -> None:
    user = User.objects.create_user(name="Member 7")
    owners = Owner.objects.bulk_create([Owner(owner_id=f"Owner {number}") for number in range(ROWS)])
    apps = App.objects.bulk_create([App(owner=owner, app_id="Shop") for owner in owners])
    ApiKey.objects.bulk_create(
        [ApiKey(app=app, label="billing", digest=token_digest(str(app.pk))) for app in apps]
    )
    devices = Device.objects.bulk_create([Device(app=app, device_id="phone", user=user) for app in apps])
    Profile.objects.bulk_create(
        [
            Profile(app=row.app, device=row, posted={"gender": "female"}, posted_at=row.created_at)
            for row in devices
        ]
    )
    photos = place_photos(None, user, ROWS)
    ScannedPhoto.objects.bulk_create(
        [ScannedPhoto(device=device, photo=photo) for device, photo in zip(devices, photos, strict=True)]
    )


def test_every_model_has_a_page() -> None:
    assert set(pages.models_of("profiles")) == set(MODELS)


@pytest.mark.usefixtures("thousand")
class TestAThousandRows:
    @pytest.mark.parametrize("model", MODELS)
    def test_a_list_costs_few_queries(
        self,
        operator: Client,
        model: type[Model],
        monkeypatch: pytest.MonkeyPatch,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        with django_assert_max_num_queries(LIST_QUERIES):
            first = operator.get(pages.page(model, "changelist"))
        assert first.status_code == 200
        for query in pages.list_parameters(operator, model, "Owner 7", monkeypatch):
            with django_assert_max_num_queries(LIST_QUERIES):
                assert operator.get(pages.page(model, "changelist"), query).status_code == 200

    @pytest.mark.parametrize("model", MODELS)
    def test_a_page_costs_few_queries(
        self, operator: Client, model: type[Model], django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_max_num_queries(PAGE_QUERIES):
            found = operator.get(pages.page(model, "change", pages.first(model).pk))
        assert found.status_code == 200

    @pytest.mark.parametrize("model", MODELS)
    def test_devices_and_profiles_cannot_be_added(
        self, operator: Client, model: type[Model], django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_max_num_queries(PAGE_QUERIES):
            answer = operator.get(pages.page(model, "add"))
        assert answer.status_code == (200 if model in MADE_BY_HAND else 403)

    @pytest.mark.parametrize(("model", "field"), [("app", "owner"), ("apikey", "app")])
    def test_owners_and_apps_are_found_by_autocomplete(
        self, operator: Client, model: str, field: str, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        asked = {"app_label": "profiles", "model_name": model, "field_name": field, "term": '"Owner 77"'}
        with django_assert_max_num_queries(LIST_QUERIES):
            found = operator.get("/admin/autocomplete/", asked).json()["results"]
        assert len(found) == 11
        assert all("Owner 77" in row["text"] for row in found)

    @pytest.mark.parametrize("model", MODELS)
    def test_the_list_of_actions_is_complete(self, operator: Client, model: type[Model]) -> None:
        assert set(pages.actions(operator, model)) == ACTIONS.get(model, set())

    def test_a_thousand_keys_are_revoked_in_few_queries(
        self, operator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_max_num_queries(ACTION_QUERIES):
            assert pages.run_action_on_all(operator, ApiKey, "revoke").status_code == 302
        assert not ApiKey.objects.live().exists()

    def test_one_device_of_a_thousand_is_erased_in_few_queries(
        self, operator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_max_num_queries(2 * ACTION_QUERIES):
            pages.post_action(operator, Device, "erase", [pages.first(Device).pk])
        assert [model.objects.count() for model in (Device, Profile, ScannedPhoto, Photo)] == [ROWS - 1] * 4

    @pytest.mark.parametrize(("model", "action"), [(ApiKey, "revoke"), (Device, "erase")])
    def test_a_viewer_cannot_run_actions(self, viewer: Client, model: type[Model], action: str) -> None:
        pages.run_action_on_all(viewer, model, action)
        assert (ApiKey.objects.live().count(), Device.objects.count()) == (ROWS, ROWS)

    @pytest.mark.parametrize("model", MODELS)
    def test_a_viewer_sees_pages_and_saves_nothing(self, viewer: Client, model: type[Model]) -> None:
        change = pages.page(model, "change", pages.first(model).pk)
        assert viewer.get(pages.page(model, "changelist")).status_code == 200
        assert viewer.get(change).status_code == 200
        assert viewer.post(change, {"label": "Mine"}).status_code == 403
        assert viewer.post(pages.page(model, "add"), {"label": "Mine"}).status_code == 403

    @pytest.mark.parametrize("model", MODELS)
    def test_no_page_shows_a_digest(self, operator: Client, model: type[Model]) -> None:
        digests = list(ApiKey.objects.values_list("digest", flat=True))
        text = operator.get(pages.page(model, "changelist")).content.decode()
        text += operator.get(pages.page(model, "change", pages.first(model).pk)).content.decode()
        assert [digest for digest in digests if digest in text] == []


@pytest.mark.parametrize("model", MODELS)
def test_only_staff_may_log_in(client: Client, owner: Person, model: type[Model]) -> None:
    list_page = pages.page(model, "changelist")
    assert client.get(list_page)["Location"].startswith("/admin/login/")
    assert pages.client_for(owner.user).get(list_page)["Location"].startswith("/admin/login/")


def test_editing_the_label_of_a_key_that_is_revoked_meanwhile_keeps_it_revoked(
    operator: Client, app: App, rf: RequestFactory
) -> None:
    key, _ = issue_key(app=app)
    revoke_keys(keys=[key])
    form = SimpleNamespace(changed_data=["label"])
    key.label = "phone"  # as read before
    admin.site.get_model_admin(ApiKey).save_model(rf.post("/"), key, form, change=True)
    key.refresh_from_db()
    assert (key.label, key.revoked_at is None) == ("phone", False)


def test_the_owner_of_an_app_cannot_be_changed(operator: Client, app: App) -> None:
    other = Owner.objects.create(owner_id="other")
    data = {"owner": str(other.pk), "app_id": "renamed"}
    assert operator.post(pages.page(App, "change", app.pk), data).status_code == 302
    renamed = App.objects.get(pk=app.pk)
    assert (renamed.app_id, renamed.owner_id) == ("renamed", app.owner_id)


def test_two_apps_of_one_owner_cannot_have_the_same_id(operator: Client, app: App) -> None:
    other = App.objects.create(owner=app.owner, app_id="photos")
    answer = operator.post(pages.page(App, "change", other.pk), {"app_id": app.app_id})
    assert answer.status_code == 200
    assert "another app of this name" in answer.content.decode()
    assert operator.post(pages.page(App, "change", other.pk), {"app_id": "photos"}).status_code == 302
    answer = operator.post(pages.page(App, "add"), {"app_id": app.app_id, "owner": str(app.owner_id)})
    assert answer.status_code == 200
    assert "already exists" in answer.content.decode()


def test_the_pages_of_a_customer_link_to_each_other(operator: Client, app: App) -> None:
    issue_key(app=app)
    post_profile(app=app, device_id="phone", members={"gender": "female"})
    device = Device.objects.get()
    text = operator.get(pages.page(Owner, "change", app.owner_id)).content.decode()
    assert "1 apps" in text
    text = operator.get(pages.page(App, "change", app.pk)).content.decode()
    assert "1 live keys" in text
    assert "1 devices" in text
    text = operator.get(pages.page(Device, "change", device.pk)).content.decode()
    assert pages.page(Profile, "change", device.profile.pk) in text
    text = operator.get(pages.page(Profile, "change", device.profile.pk)).content.decode()
    assert "&quot;female&quot;" in text
