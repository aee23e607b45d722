"""Admin pages of the albums with a thousand rows each: constant queries, and permissions."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import TestCase
from django.test.client import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker, Settings

from accounts.models import User
from accounts.tests import admin_pages as pages
from accounts.tests.admin_pages import ACTION_QUERIES, LIST_QUERIES, PAGE_QUERIES, ROWS
from albums.models import Album, AlbumLocalId, AlbumView, Filtering, Invitation, OpenLink, PendingAlbum
from albums.services import claim_pending_album, ensure_tokens, queue_now
from conftest import Person
from photos.models import Original, Photo
from photos.signals import originals_finished
from photos.tests.builders import place_photos

MODELS = [Album, AlbumLocalId, AlbumView, Filtering, Invitation, OpenLink, PendingAlbum]
ACTIONS = {
    Album: {"set_pending", "clear_pending", "process_now", "put_into_trash", "restore"},
    PendingAlbum: {"set_pending", "clear_pending", "process_now"},
    Invitation: {"remove_from_album"},
    OpenLink: {"switch_off"},
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
    """A thousand albums, each of another owner, with a member, a ready photo and a failed one."""
    with pages.class_wide_rows(django_db_blocker):
        _make_albums(User.objects.bulk_create([User(name=f"Member {number}") for number in range(ROWS)]))
        yield


def _make_albums(users: list[User]) -> None:
    made = Album.objects.bulk_create([Album(owner=user, name=f"Album of {user.name}") for user in users])
    Invitation.objects.bulk_create(
        [
            Invitation(album=album, phone=f"1303555{number:04}", claimed_by=users[number - 1])
            for number, album in enumerate(made)
        ]
    )
    OpenLink.objects.bulk_create(
        [
            OpenLink(album=album, expires_at=timezone.now(), link_nonce="nonce", link_digest=str(album.pk))
            for album in made
        ]
    )
    AlbumView.objects.bulk_create([AlbumView(album=album, user=album.owner) for album in made])
    AlbumLocalId.objects.bulk_create([AlbumLocalId(album=album, user=album.owner, value="x") for album in made])
    Filtering.objects.bulk_create([Filtering(album=album) for album in made])
    PendingAlbum.objects.bulk_create([PendingAlbum(album=album) for album in made])
    for status in ("ready", "failed"):
        _photo_in_each(made, status)


def _photo_in_each(albums: list[Album], status: str) -> None:
    originals = Original.objects.bulk_create(
        [Original(owner=album.owner, key=f"{status}/{album.pk}", status=status) for album in albums]
    )
    Photo.objects.bulk_create(
        [
            Photo(original=original, album=album, owner=album.owner, uploader=album.owner, s3_path=original.key)
            for original, album in zip(originals, albums, strict=True)
        ]
    )


def test_every_model_has_a_page() -> None:
    assert set(pages.models_of("albums")) == set(MODELS)


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
            found = operator.get(pages.page(model, "change", pages.first(model).pk))
        assert found.status_code == 200

    @pytest.mark.parametrize("model", MODELS)
    def test_only_albums_can_be_added(
        self, operator: Client, model: type[Model], django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_max_num_queries(PAGE_QUERIES):
            assert operator.get(pages.page(model, "add")).status_code == (200 if model is Album else 403)

    @pytest.mark.parametrize("model", MODELS)
    def test_the_list_of_actions_is_complete(self, operator: Client, model: type[Model]) -> None:
        assert set(pages.actions(operator, model)) == ACTIONS.get(model, set())

    @pytest.mark.parametrize(("model", "action"), EACH_ACTION)
    def test_an_action_on_a_thousand_rows_costs_few_queries(
        self,
        operator: Client,
        model: type[Model],
        action: str,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        with django_assert_max_num_queries(ACTION_QUERIES):
            answer = pages.run_action_on_all(operator, model, action)
        assert answer.status_code == 302
        said = operator.get(answer["Location"]).content.decode()
        assert 'class="success"' in said or 'class="info"' in said

    @pytest.mark.parametrize(("model", "action"), EACH_ACTION)
    def test_a_viewer_cannot_run_actions(self, viewer: Client, model: type[Model], action: str) -> None:
        before = _state()
        pages.run_action_on_all(viewer, model, action)
        assert _state() == before

    @pytest.mark.parametrize("model", MODELS)
    def test_a_viewer_sees_pages_and_saves_nothing(self, viewer: Client, model: type[Model]) -> None:
        change = pages.page(model, "change", pages.first(model).pk)
        assert viewer.get(pages.page(model, "changelist")).status_code == 200
        assert viewer.get(change).status_code == 200
        assert viewer.post(change, {"name": "Mine"}).status_code == 403
        assert viewer.post(pages.page(model, "add"), {"name": "Mine"}).status_code == 403
        assert not Album.objects.filter(name="Mine").exists()


def _state() -> list:
    return [
        list(Album.objects.order_by("pk").values_list("pk", "deleted_at")),
        list(PendingAlbum.objects.order_by("pk").values_list("pk", "touched_at", "done_uploading")),
        list(Invitation.objects.order_by("pk").values_list("pk", "removed_at")),
    ]


@pytest.mark.parametrize("model", MODELS)
def test_only_staff_may_log_in(client: Client, owner: Person, model: type[Model]) -> None:
    list_page = pages.page(model, "changelist")
    assert client.get(list_page)["Location"].startswith("/admin/login/")
    assert pages.client_for(owner.user).get(list_page)["Location"].startswith("/admin/login/")


def test_an_action_by_get_does_nothing(operator: Client, album: Album) -> None:
    operator.get(pages.page(Album, "changelist"), {"action": "put_into_trash", "_selected_action": str(album.pk)})
    assert Album.objects.alive().filter(pk=album.pk).exists()


def test_the_albums_page_shows_members_photos_and_progress(
    operator: Client, album: Album, owner: Person, member: Person
) -> None:
    queue_now(album_ids=[album.pk])
    place_photos(album, owner.user, 3)
    (failed,) = place_photos(album, member.user, 1, status="failed", error="The picture is broken.")
    place_photos(album, member.user, 1, status="new")
    Invitation.objects.create(album=album, phone="12025550177")
    Invitation.objects.create(album=album, phone="12025550188", removed_at=timezone.now())
    Filtering.objects.create(album=album)
    text = operator.get(pages.page(Album, "change", album.pk)).content.decode()
    assert "3 of 5 done, 1 failed, 1 to go" in text
    for state in ("owner", "claimed", "invited", "removed"):
        assert f">{state}</td>" in text
    assert "The picture is broken." in text
    assert pages.page(Photo, "change", failed.pk) in text
    assert pages.page(Original, "change", failed.original_id) in text
    assert text.count("/square/") == 3
    assert "In the queue" in text
    assert "1 time" in text


@pytest.mark.parametrize(
    ("permissions", "parts"),
    [
        (["view_album"], set()),
        (["view_album", "view_photo"], {"Newest photos", "Failed photos"}),
        (["view_album", "view_invitation"], {"Members"}),
    ],
)
def test_an_albums_page_shows_only_what_the_operator_may_see_elsewhere(
    album: Album, member: Person, permissions: list[str], parts: set[str]
) -> None:
    place_photos(album, member.user, 1)
    place_photos(album, member.user, 1, status="failed", error="The picture is broken.")
    user = User.objects.create_user(username="staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    text = pages.client_for(user).get(pages.page(Album, "change", album.pk)).content.decode()
    shown = {"Newest photos": "/media/", "Failed photos": "The picture is broken.", "Members": "invitation/"}
    assert {name for name, sign in shown.items() if name in text and sign in text} == parts
    assert not [sign for name, sign in shown.items() if name not in parts and sign in text]


def test_the_list_shows_progress_and_members(operator: Client, album: Album, owner: Person) -> None:
    queue_now(album_ids=[album.pk])
    place_photos(album, owner.user, 3)
    place_photos(album, owner.user, 1, status="failed")
    text = operator.get(pages.page(Album, "changelist")).content.decode()
    assert "3/4" in text
    assert '<td class="field-members">2</td>' in text
    assert '<td class="field-failed">1</td>' in text
    assert '<td class="field-state">pending</td>' in text


def test_the_queue_shows_the_longest_wait_first(operator: Client, album: Album, owner: Person) -> None:
    younger = Album.objects.create(owner=owner.user, name="Winter")
    now = timezone.now()
    PendingAlbum.objects.create(album=album, touched_at=now - timedelta(hours=3))
    PendingAlbum.objects.create(album=younger, touched_at=now - timedelta(minutes=5))
    place_photos(album, owner.user, 2, status="new")
    text = operator.get(pages.page(PendingAlbum, "changelist")).content.decode()
    assert text.index("Summer") < text.index("Winter")
    assert "3\xa0hours" in text
    assert '<td class="field-unfinished">2</td>' in text


def test_pending_albums_are_cleared_except_those_that_a_worker_processes(
    operator: Client, album: Album, owner: Person
) -> None:
    other = Album.objects.create(owner=owner.user)
    queue_now(album_ids=[album.pk, other.pk])
    claim_pending_album(candidates=PendingAlbum.objects.filter(pk=other.pk))
    pages.post_action(operator, PendingAlbum, "clear_pending", [album.pk, other.pk])
    assert list(PendingAlbum.objects.values_list("pk", flat=True)) == [other.pk]


def test_setting_pending_ends_the_claim_of_an_outside_algorithm(operator: Client, album: Album) -> None:
    queue_now(album_ids=[album.pk])
    claim_pending_album(candidates=PendingAlbum.objects.filter(pk=album.pk), outside=True)
    pages.post_action(operator, Album, "set_pending", [album.pk])
    row = PendingAlbum.objects.get()
    assert (row.claim, row.done_uploading) == (None, True)


def test_the_queue_tells_how_long_an_album_is_taken_and_that_its_lease_ran_out(
    operator: Client, album: Album, owner: Person, settings: Settings
) -> None:
    waiting = Album.objects.create(owner=owner.user, name="Waiting")
    queue_now(album_ids=[album.pk, waiting.pk])
    with time_machine.travel(timezone.now(), tick=False) as clock:
        claim_pending_album(candidates=PendingAlbum.objects.filter(pk=album.pk), outside=True)
        page = operator.get(reverse("admin:albums_pendingalbum_changelist")).content.decode()
        assert '<td class="field-state">taken outside</td>' in page
        assert '<td class="field-lease">1 hour left</td>' in page.replace("\xa0", " ")
        clock.shift(settings.ALGO_LEASE_SECONDS + 120)
        for model in (PendingAlbum, Album):
            url = reverse(f"admin:albums_{model._meta.model_name}_changelist")
            page = operator.get(url, {"state": "lapsed"}).content.decode()
            assert "taken outside, lapsed</td>" in page
            assert "Waiting" not in page
            assert "Waiting" in operator.get(url, {"state": "pending"}).content.decode()
            assert "taken outside, lapsed</td>" not in operator.get(url, {"state": "taken"}).content.decode()
        page = operator.get(reverse("admin:albums_pendingalbum_changelist")).content.decode()
        assert '<td class="field-lease">ran out 2 minutes ago</td>' in page.replace("\xa0", " ")
        page = operator.get(reverse("admin:albums_album_change", args=[album.pk])).content.decode()
        assert "taken by an outside algorithm" in page


def test_an_operator_closes_and_opens_the_public_pages(operator: Client, album: Album, owner: Person) -> None:
    url = reverse("admin:albums_album_change", args=[album.pk])
    (token,) = ensure_tokens(albums=[album]).values()
    assert "has public pages" in operator.get(url).content.decode().lower()
    data = {"name": album.name, "description": "", "event_at_0": "", "event_at_1": ""}
    assert operator.post(url, data).status_code == 302
    album.refresh_from_db()
    assert (album.public_page, album.token) == (False, None)
    assert operator.post(url, {**data, "public_page": "on"}).status_code == 302
    album.refresh_from_db()
    (new,) = ensure_tokens(albums=[album]).values()
    assert album.public_page
    assert new not in (None, token)


def test_who_may_only_view_does_not_close_the_public_pages(viewer: Client, album: Album) -> None:
    url = reverse("admin:albums_album_change", args=[album.pk])
    assert viewer.post(url, {"name": album.name}).status_code == 403
    assert Album.objects.get(pk=album.pk).public_page


@pytest.mark.parametrize("processor", ["builtin", "external"])
@pytest.mark.parametrize("model", [Album, PendingAlbum])
def test_process_now_uses_this_server_whatever_album_processor_is_set(
    operator: Client, album: Album, owner: Person, settings: Settings, processor: str, model: type[Model]
) -> None:
    settings.ALBUM_PROCESSOR = processor
    queue_now(album_ids=[album.pk])
    place_photos(album, owner.user, 2)
    with TestCase.captureOnCommitCallbacks(execute=True):
        pages.post_action(operator, model, "process_now", [album.pk])
    assert Filtering.objects.filter(album=album).count() == 1
    assert not PendingAlbum.objects.exists()


def test_process_now_waits_for_unfinished_photos(
    operator: Client, album: Album, owner: Person, settings: Settings
) -> None:
    settings.ALBUM_PROCESSOR = "external"
    (photo,) = place_photos(album, owner.user)
    Original.objects.update(status="new")
    with TestCase.captureOnCommitCallbacks(execute=True):
        pages.post_action(operator, Album, "process_now", [album.pk])
    assert not Filtering.objects.exists()
    Original.objects.update(status="ready")
    originals_finished.send(Original, original_ids=[photo.original_id])
    assert Filtering.objects.get().album == album
    assert not PendingAlbum.objects.exists()


def test_an_album_is_put_into_the_trash_and_restored(operator: Client, album: Album, owner: Person) -> None:
    (photo,) = place_photos(album, owner.user)
    queue_now(album_ids=[album.pk])
    pages.post_action(operator, Album, "put_into_trash", [album.pk])
    assert not Photo.objects.alive().exists()
    assert not PendingAlbum.objects.exists()
    pages.post_action(operator, Album, "restore", [album.pk])
    assert list(Photo.objects.alive()) == [photo]
    assert [row.album_id for row in PendingAlbum.objects.all()] == [album.pk]  # what was new is still undecided


@pytest.mark.parametrize("state", ["pending", "taken"])
def test_all_albums_of_a_filter_are_put_into_the_trash(operator: Client, album: Album, state: str) -> None:
    queue_now(album_ids=[album.pk])
    if state == "taken":
        claim_pending_album(candidates=PendingAlbum.objects.filter(pk=album.pk))
    shown = {"action": "put_into_trash", "_selected_action": [str(album.pk)]}
    operator.post(f"{pages.page(Album, 'changelist')}?state={state}", shown)
    assert Album.objects.get().deleted_at
    assert not PendingAlbum.objects.exists()


def test_an_album_is_added_and_edited(operator: Client, owner: Person) -> None:
    data = {"name": "Reunion", "description": "In May", "event_at_0": "", "event_at_1": "", "owner": owner.id}
    operator.post(pages.page(Album, "add"), data)
    made = Album.objects.get()
    assert (made.name, made.description, made.owner) == ("Reunion", "In May", owner.user)
    operator.post(pages.page(Album, "change", made.pk), {**data, "name": "Reunion 2", "owner": "0"})
    made.refresh_from_db()
    assert (made.name, made.owner) == ("Reunion 2", owner.user)


def test_a_member_is_removed(operator: Client, album: Album, member: Person) -> None:
    invitation = Invitation.objects.get()
    pages.post_action(operator, Invitation, "remove_from_album", [invitation.pk])
    assert not Album.objects.visible_to(member.user).exists()
