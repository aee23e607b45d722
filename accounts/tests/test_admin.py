"""Admin pages of the accounts with a thousand rows each: few queries, and no secrets."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test.client import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from accounts.admin import UserForm
from accounts.models import (
    AccessToken,
    BrowserSession,
    EmailCode,
    ExternalIdentity,
    Message,
    PhoneCode,
    PushSubscription,
    RateLimitHit,
    SignInLink,
    User,
    WrongGuesses,
)
from accounts.services import create_token, send_code, token_digest, user_for_token
from accounts.tests import admin_pages as pages
from accounts.tests.admin_pages import ACTION_QUERIES, LIST_QUERIES, PAGE_QUERIES, ROWS
from albums.models import Album
from conftest import Person
from core.admin import pages as kit
from core.encryption import encrypt
from core.tests.answers import Json
from photos.models import Original, Photo
from photos.tests.builders import place_photos

MODELS = [User, Group, AccessToken, PhoneCode, RateLimitHit, Message]
MODELS += [EmailCode, SignInLink, ExternalIdentity, BrowserSession, PushSubscription, WrongGuesses]
ACTIONS = {
    User: {"sign_out", "sign_in_link", "delete_selected"},
    Group: {"delete_selected"},
    AccessToken: {"revoke"},
    RateLimitHit: {"forget"},
    ExternalIdentity: {"remove"},
    BrowserSession: {"end"},
    PushSubscription: {"unsubscribe"},
    WrongGuesses: {"open"},
}
EACH_ACTION = [(model, action) for model, actions in ACTIONS.items() for action in sorted(actions)]


@pytest.fixture
def operator(db: None) -> Client:
    return pages.operator()


@pytest.fixture
def viewer(db: None) -> Client:
    return pages.client_for(pages.viewer())


@pytest.fixture(scope="class")
def thousand(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A thousand users, each with a group, a token, a code, a message and a rate limit hit."""
    with pages.class_wide_rows(django_db_blocker):
        _make_rows()
        yield


def _make_rows() -> None:
    users = User.objects.bulk_create(
        [User(name=f"Member {number}", verified_phone=f"1303555{number:04}") for number in range(ROWS)]
    )
    Group.objects.bulk_create([Group(name=user.name) for user in users])
    AccessToken.objects.bulk_create([AccessToken(digest=token_digest(str(user.pk)), user=user) for user in users])
    soon = timezone.now() + timedelta(minutes=5)
    PhoneCode.objects.bulk_create(
        [PhoneCode(user=user, phone=str(user.verified_phone), digest="d" * 64, expires_at=soon) for user in users]
    )
    RateLimitHit.objects.bulk_create(
        [RateLimitHit(what="code to phone", by=str(user.verified_phone)) for user in users]
    )
    EmailCode.objects.bulk_create(
        [
            EmailCode(
                user=user, email=f"{user.pk}@a.example", link_digest=str(user.pk), digest="d", expires_at=soon
            )
            for user in users
        ]
    )
    WrongGuesses.objects.bulk_create([WrongGuesses(contact=str(user.verified_phone)) for user in users])
    SignInLink.objects.bulk_create([SignInLink(user=user, digest=str(user.pk), expires_at=soon) for user in users])
    ExternalIdentity.objects.bulk_create(
        [ExternalIdentity(user=user, issuer="https://id.example", subject=str(user.pk)) for user in users]
    )
    BrowserSession.objects.bulk_create(
        [BrowserSession(user=user, session_key=str(user.pk), expire_date=soon) for user in users]
    )
    PushSubscription.objects.bulk_create(
        [PushSubscription(user=user, endpoint=f"https://push.example/{user.pk}") for user in users]
    )
    Message.objects.bulk_create([Message(channel="push", user=user, body="Hello") for user in users])


def test_every_model_has_a_page() -> None:
    assert {*pages.models_of("accounts"), Group} == set(MODELS)


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
        for query in pages.list_parameters(operator, model, "Member 7", monkeypatch):
            with django_assert_max_num_queries(LIST_QUERIES):
                assert operator.get(pages.page(model, "changelist"), query).status_code == 200

    @pytest.mark.parametrize("model", MODELS)
    def test_a_page_costs_few_queries(
        self, operator: Client, model: type[Model], django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_max_num_queries(PAGE_QUERIES):
            answer = operator.get(pages.page(model, "change", pages.first(model).pk))
        assert answer.status_code == (302 if model is AccessToken else 200)

    @pytest.mark.parametrize("model", MODELS)
    def test_only_users_and_groups_can_be_added(
        self, operator: Client, model: type[Model], django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_max_num_queries(PAGE_QUERIES):
            assert operator.get(pages.page(model, "add")).status_code == (200 if model in (User, Group) else 403)

    def test_users_are_found_by_autocomplete(
        self, operator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        field = {"app_label": "albums", "model_name": "album", "field_name": "owner"}
        with django_assert_max_num_queries(LIST_QUERIES):
            answer = operator.get("/admin/autocomplete/", {**field, "term": '"Member 770"'})
        assert [row["text"] for row in answer.json()["results"]] == ["Member 770"]

    @pytest.mark.parametrize("model", MODELS)
    def test_the_list_of_actions_is_complete(self, operator: Client, model: type[Model]) -> None:
        assert set(pages.actions(operator, model)) == ACTIONS.get(model, set())

    @pytest.mark.parametrize(("model", "action"), EACH_ACTION)
    def test_an_action_on_all_costs_few_queries(
        self,
        operator: Client,
        model: type[Model],
        action: str,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        with django_assert_max_num_queries(ACTION_QUERIES):
            answer = pages.run_action_on_all(operator, model, action, alias=_alias)
        assert answer.status_code == (200 if action == "delete_selected" else 302)

    @pytest.mark.parametrize(("model", "action"), EACH_ACTION)
    def test_a_viewer_cannot_run_actions(self, viewer: Client, model: type[Model], action: str) -> None:
        before = _counts()
        pages.run_action_on_all(viewer, model, action, alias=_alias)
        pages.run_action_on_all(viewer, model, action, alias=_alias, post="yes")
        assert _counts() == before

    @pytest.mark.parametrize("model", MODELS)
    def test_a_viewer_sees_pages_and_saves_nothing(self, viewer: Client, model: type[Model]) -> None:
        change = pages.page(model, "change", pages.first(model).pk)
        assert viewer.get(pages.page(model, "changelist")).status_code == 200
        assert viewer.get(change).status_code == (302 if model is AccessToken else 200)
        assert viewer.post(change, {"name": "Mine"}).status_code == 403
        assert viewer.post(pages.page(model, "add"), {"name": "Mine"}).status_code == 403
        assert not User.objects.filter(name="Mine").exists()


def _alias(model: type, pk: object) -> object:
    return encrypt(str(pk), purpose="alias of an access token") if model is AccessToken else pk


def _counts() -> list[int]:
    return [model._default_manager.count() for model in MODELS]


@pytest.mark.parametrize("model", MODELS)
def test_only_staff_may_log_in(client: Client, owner: Person, model: type[Model]) -> None:
    list_page = pages.page(model, "changelist")
    assert client.get(list_page)["Location"].startswith("/admin/login/")
    assert pages.client_for(owner.user).get(list_page)["Location"].startswith("/admin/login/")


def test_no_page_shows_a_secret(operator: Client, owner: Person, sms: list[dict[str, Json]]) -> None:
    send_code(phone="12025550144", user=owner.user)
    code = sms[-1]["body"].split()[-1]
    token = create_token(user=owner.user)
    Message.objects.create(channel="push", user=owner.user, body="Between us", data={"type": "private matter"})
    User.objects.filter(pk=owner.id).update(fb_token="a Facebook token", push_notif_token="a device token")
    superuser = User.objects.get(username="superuser")
    secrets = [code, token, token_digest(token), PhoneCode.objects.get().digest, "Between us", "private matter"]
    secrets += ["a Facebook token", "a device token", *superuser.password.split("$")[1:]]
    addresses = [pages.page(model, "changelist") for model in MODELS] + ["/admin/"]
    for model in MODELS:
        kinds = [] if model is AccessToken else ["change", "history"]
        addresses += [pages.page(model, kind, row.pk) for kind in kinds for row in model._default_manager.all()]
    for address in addresses:
        answer = operator.get(address)
        assert answer.status_code == 200
        assert [secret for secret in secrets if secret in answer.content.decode()] == []
    assert len(addresses) > 10


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        (User, "password__startswith"),
        (User, "fb_token__startswith"),
        (User, "push_notif_token__contains"),
        (User, "access_tokens__digest__startswith"),
        (User, "access_tokens__pk__startswith"),
        (User, "access_tokens__gt"),
        (User, "access_tokens"),
        (AccessToken, "pk__startswith"),
        (Album, "token__startswith"),
        (Album, "owner__access_tokens__pk__lt"),
        (AccessToken, "digest__startswith"),
        (PhoneCode, "digest__gt"),
        (Message, "body__contains"),
        (Message, "data__code"),
    ],
)
def test_no_list_can_be_filtered_by_a_secret(operator: Client, model: type[Model], lookup: str) -> None:
    assert operator.get(pages.page(model, "changelist"), {lookup: "1"}).status_code == 400
    assert operator.get(pages.page(model, "changelist"), {"created_at__year": "2020"}).status_code == 200


def test_deleting_is_refused_for_more_rows_than_the_form_holds(
    operator: Client, owner: Person, member: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit, "MAX_DELETED_ROWS", User.objects.count() - 1)
    answer = operator.post(
        pages.page(User, "changelist"),
        {"action": "delete_selected", ACTION_CHECKBOX_NAME: [owner.id], "select_across": "1"},
        follow=True,
    )
    assert "can be chosen at once" in answer.content.decode()
    assert User.objects.count() == 3
    assert pages.post_action(operator, User, "delete_selected", [owner.id, member.id]).status_code == 200  # asks


def test_chosen_tokens_are_revoked(operator: Client, owner: Person, member: Person) -> None:
    text = operator.get(pages.page(AccessToken, "changelist"), {"q": "Owner"}).context["cl"]
    assert [row.user for row in text.result_list] == [owner.user]
    pages.post_action(operator, AccessToken, "revoke", [_alias(AccessToken, token_digest(owner.token))])
    assert user_for_token(owner.token) is None
    assert user_for_token(member.token) == member.user


def test_the_aliases_on_the_page_revoke_their_tokens(operator: Client, owner: Person) -> None:
    text = operator.get(pages.page(AccessToken, "changelist")).content.decode()
    alias = text.split('name="_selected_action" value="')[1].split('"')[0]
    pages.post_action(operator, AccessToken, "revoke", [alias])
    assert user_for_token(owner.token) is None


def test_a_forged_alias_revokes_nothing(operator: Client, owner: Person) -> None:
    pages.post_action(operator, AccessToken, "revoke", [token_digest(owner.token)])
    assert user_for_token(owner.token) == owner.user


def test_a_user_is_signed_out_everywhere(operator: Client, owner: Person, member: Person) -> None:
    second = create_token(user=owner.user)
    pages.post_action(operator, User, "sign_out", [owner.id])
    assert (user_for_token(owner.token), user_for_token(second)) == (None, None)
    assert user_for_token(member.token) == member.user


def test_a_users_page_links_to_their_data(operator: Client, owner: Person, album: Album) -> None:
    place_photos(album, owner.user, 3)
    text = operator.get(pages.page(User, "change", owner.id)).content.decode()
    for words in ("1 albums", "3 photos", "0 selfies", "1 access tokens"):
        assert words in text
    for model, key in ((Album, "owner"), (Photo, "uploader")):
        address = f"{pages.page(model, 'changelist')}?{key}__id__exact={owner.id}"
        assert address in text
        assert operator.get(address).context["cl"].result_count == model._default_manager.count()


@pytest.mark.parametrize("how", ["page", "action"])
def test_deleting_a_user_erases_all_their_data(
    operator: Client, owner: Person, member: Person, album: Album, how: str
) -> None:
    place_photos(album, owner.user, 2)
    (kept,) = place_photos(None, member.user)
    address = pages.page(User, "delete", owner.id)
    if how == "page":
        text = operator.get(address).content.decode()
        operator.post(address, {"post": "yes"})
    else:
        text = pages.post_action(operator, User, "delete_selected", [owner.id]).content.decode()
        pages.post_action(operator, User, "delete_selected", [owner.id], post="yes")
    assert "Photos: 2" in text
    assert not User.objects.filter(pk=owner.id).exists()
    assert list(Original.objects.all()) == [kept.original]


def test_a_users_description_can_be_edited_but_not_their_phone(operator: Client, owner: Person) -> None:
    data = {
        "username": "",
        "name": "Somebody",
        "send_push_notifs": "on",
        "is_active": "on",
        "verified_phone": "12025550199",
    }
    operator.post(pages.page(User, "change", owner.id), data)
    owner.user.refresh_from_db()
    assert (owner.user.name, owner.user.verified_phone) == ("Somebody", owner.phone)


@pytest.mark.parametrize(("name", "expected"), [("two\nlines", "Owner"), ("x" * 201, "Owner"), ("", "")])
def test_an_operator_can_take_a_name_away_but_not_make_it_two_lines(
    operator: Client, owner: Person, name: str, expected: str
) -> None:
    operator.post(pages.page(User, "change", owner.id), {"username": "", "name": name, "is_active": "on"})
    owner.user.refresh_from_db()
    assert owner.user.name == expected


def test_saving_a_user_keeps_what_changed_meanwhile(
    operator: Client, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user verifies another phone while an operator has the form open."""

    def proved(form: UserForm) -> dict[str, Json]:
        User.objects.filter(pk=owner.id).update(verified_phone="12025550199", push_notif_token="new")
        return form.cleaned_data

    monkeypatch.setattr(UserForm, "clean", proved)
    operator.post(pages.page(User, "change", owner.id), {"name": "Somebody", "is_active": "on"})
    user = User.objects.get(pk=owner.id)
    assert (user.name, user.verified_phone, user.push_notif_token) == ("Somebody", "12025550199", "new")


def test_an_operator_can_be_added(operator: Client, client: Client) -> None:
    word = "correct-horse-battery"
    data = {"username": "second", "password1": word, "password2": word, "is_staff": "on", "name": "Second"}
    answer = operator.post(pages.page(User, "add"), data)
    assert answer.status_code == 302
    assert client.login(username="second", password=word)
    assert client.get("/admin/").status_code == 200


@pytest.fixture
def editor(db: None) -> User:
    user = User.objects.create_user(username="editor", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    return user


def test_an_editor_of_users_cannot_become_a_superuser(editor: User) -> None:
    client = pages.client_for(editor)
    client.post(pages.page(User, "change", editor.pk), {"username": "editor", "name": "Me", "is_superuser": "on"})
    editor.refresh_from_db()
    assert (editor.name, editor.is_superuser) == ("Me", False)


def test_an_editor_of_users_cannot_sign_in_as_another_operator(editor: User) -> None:
    client, other = pages.client_for(editor), User.objects.create_user("x", username="other", is_staff=True)
    word = {"password1": "correct-horse-battery", "password2": "correct-horse-battery"}
    assert client.post(f"/admin/accounts/user/{other.pk}/password/", word).status_code == 403
    assert client.post(pages.page(User, "change", other.pk), {"username": "mine"}).status_code == 403
    assert client.get(pages.page(User, "change", other.pk)).status_code == 200
    assert client.post(f"/admin/accounts/user/{editor.pk}/password/", word).status_code == 302


def test_an_editor_of_groups_cannot_become_a_superuser(operator: Client) -> None:
    group = Group.objects.create(name="helpers")
    client = pages.staff("auth.change_group", "auth.view_group", "auth.add_group", "auth.delete_group")
    User.objects.get(username="staff").groups.add(group)
    assert client.get(pages.page(Group, "change", group.pk)).status_code == 200
    power = Permission.objects.get(codename="delete_user")
    data = {"name": "helpers", "permissions": [power.pk]}
    assert client.post(pages.page(Group, "change", group.pk), data).status_code == 403
    assert client.post(pages.page(Group, "add"), {**data, "name": "others"}).status_code == 403
    assert not group.permissions.exists()
    assert operator.post(pages.page(Group, "change", group.pk), data).status_code == 302
    assert group.permissions.get() == power


def test_an_action_is_refused_for_too_many_rows(
    operator: Client, owner: Person, member: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit, "MAX_ACTION_ROWS", 1)
    answer = pages.run_action(operator, AccessToken, "revoke", everything=True)
    assert "At most 1 rows can be chosen at once; 2 are selected" in answer.content.decode()
    assert AccessToken.objects.count() == 2


def test_an_editor_of_users_cannot_change_superusers(operator: Client, editor: User) -> None:
    client, boss = pages.client_for(editor), User.objects.get(username="superuser")
    assert client.post(pages.page(User, "change", boss.pk), {"name": "Me"}).status_code == 403
    assert client.post(pages.page(User, "delete", boss.pk), {"post": "yes"}).status_code == 403
    assert client.get(f"/admin/accounts/user/{boss.pk}/password/").status_code == 403
    pages.post_action(client, User, "delete_selected", [boss.pk], post="yes")
    assert User.objects.filter(pk=boss.pk).exists()
    assert not LogEntry.objects.exists()
