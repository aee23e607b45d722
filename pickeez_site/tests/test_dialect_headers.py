"""What holds for every route of every dialect: HEAD changes nothing, no cache keeps an answer, and none is a 406."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import RateLimitHit
from albums.models import Album, PendingAlbum
from albums.services import queue_all_albums
from conftest import Caller, Person, picture
from core.tests.answers import Answer, Json
from faces.services import set_model
from photos.models import Original, Photo
from pickeez_site.dialects.openapi.generator import dialect_names, methods_of, routes_of
from profiles.models import ApiKey
from profiles.services import get_or_create_app, issue_key

PASSWORD = "open-sesame"
ROUTES = {name: route for dialect in dialect_names() for name, route in routes_of(dialect).items()}
READ = [name for name, route in ROUTES.items() if "get" in methods_of(route)]
QUERIES = {
    "fb-enter": {"code": "abc"},
    "fb-enter-browser": {"code": "abc"},
    "which-phones": {"phones[]": "12025550122"},
    "invite-page": {"album_id": "{album_id}"},
    "algo-get-model": {"user_id": "{user_id}"},
    "view-album": {"album_name": "Summer"},
    "related-images": {"path": "Summer/1.jpg"},
}
# By what is in their paths: of a profile and a zip there are none.
IDS = {"profile-by-app-user-id": "user-7/Shop", "scanned-images": "device-1/Shop"}


@pytest.fixture
def ids(owner: Person, album: Album) -> dict[str, str]:
    original = Original.objects.create(owner=owner.user, key="originals/x", status=Original.Status.READY)
    photo = Photo.objects.create(
        original=original, album=album, owner=owner.user, uploader=owner.user, s3_path="originals/x"
    )
    return {"album_id": str(album.pk), "photo_id": str(photo.pk), "user_id": owner.id, "group_id": str(album.pk)}


@pytest.fixture
def ask(
    owner: Person, ids: dict[str, str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, str], Answer]:
    """Sends a request to a route, by somebody who knows every secret."""
    settings.ALGO_PASSWORD = PASSWORD
    settings.FACEBOOK_APP_ID, settings.FACEBOOK_APP_SECRET = "1", "not-so-secret"
    settings.FACEBOOK_GRAPH_URL = "http://127.0.0.1:9"
    _, key = issue_key(app=get_or_create_app(owner_id="Acme", app_id="Shop"))
    secrets = {"authorization": f"Bearer {owner.token}", "x-algo-password": PASSWORD, "api_key": key}
    client = Client(headers=secrets)
    queue_all_albums()
    set_model(user=owner.user, model={"nose": 3})

    def send(method: str, name: str) -> Answer:
        filled = {**ids, "ids": IDS.get(name, "1/2"), "zip_id": ids["album_id"]}
        path = re.sub(r"<\w+:(\w+)>", lambda found: filled.get(found[1], "x"), f"/{ROUTES[name].pattern}")
        query = {key: value.format_map(ids) for key, value in QUERIES.get(name, {}).items()}
        return client.generic(method, path, query_params=query)

    return send


def all_rows() -> dict[str, list[object]]:
    """Everything in the database."""
    models = [model for model in apps.get_models() if not model._meta.proxy]
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in models}


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_head_changes_nothing_on_any_route(ask: Callable[[str, str], Answer]) -> None:
    before = all_rows()
    for name in ROUTES:
        answer = ask("HEAD", name)
        assert answer.content == b"", name
        assert all_rows() == before, name


@pytest.mark.parametrize("name", READ)
def test_head_is_answered_like_get_or_not_allowed_where_get_changes_something(
    ask: Callable[[str, str], Answer], name: str
) -> None:
    ApiKey.objects.update(last_used_at=timezone.now())  # so that no GET stores its use
    before, head = all_rows(), ask("HEAD", name)
    with undone():
        get = ask("GET", name)
        changed = all_rows() != before
    if changed:
        assert (head.status_code, "HEAD" in head["Allow"]) == (405, False)
    else:
        assert head.status_code == get.status_code != 405


def test_head_takes_no_album_from_the_queue_and_get_does(ask: Callable[[str, str], Answer]) -> None:
    for name in ("algo-get-pending", "algo-remove-pending", "algo-set-all-as-pending"):
        assert ask("HEAD", name).status_code == 405
    assert PendingAlbum.objects.ready().exists()
    assert ask("GET", "algo-get-pending").json()["status"] == "ok"
    assert not PendingAlbum.objects.ready().exists()


def test_head_counts_as_no_sign_in(ask: Callable[[str, str], Answer]) -> None:
    ask("HEAD", "fb-enter")
    assert not RateLimitHit.objects.exists()
    ask("GET", "fb-enter")
    assert RateLimitHit.objects.count() == 1


def test_no_cache_keeps_an_answer_of_any_route(ask: Callable[[str, str], Answer], nobody: Caller) -> None:
    for name, route in ROUTES.items():
        for method in methods_of(route):
            with undone():
                answer = ask(method.upper(), name)
            assert answer["Cache-Control"] == "no-store", (method, name)
    assert nobody.get("/me")["Cache-Control"] == "no-store"


@pytest.mark.parametrize("accept", ["text/html", "text/plain", "image/png", "nonsense", ""])
def test_whatever_a_client_accepts_it_is_answered(
    owner: Person, stranger: Person, nobody: Caller, album: Album, accept: str
) -> None:
    headers = {"accept": accept}
    for path in (f"/albums/{album.pk}", f"/v1/Group/{album.pk}", "/albums/view-album?album_name=Summer"):
        answers = [caller.get(path, headers=headers) for caller in (owner, stranger, nobody)]
        assert [answer.status_code for answer in answers] == [200, 404, 401]
        assert {answer["Content-Type"] for answer in answers} == {"application/json"}
    assert nobody.get("/routes", headers=headers)["Content-Type"].startswith("text/plain")
    page = nobody.get("/invite_page", {"album_id": album.pk}, headers=headers)
    wanted = "text/html; charset=utf-8" if accept == "text/html" else "application/json"
    assert (page.status_code, page["Content-Type"]) == (200, wanted)


def test_no_cache_keeps_a_refusal_whoever_is_refused(
    owner: Person, member: Person, stranger: Person, nobody: Caller, album: Album
) -> None:
    refused = [
        (member.post(f"/albums/{album.pk}", {"name": "x"}), 403),
        (stranger.get(f"/albums/{album.pk}"), 404),
        (stranger.get(f"/v1/Group/{album.pk}/Photo"), 404),
        (stranger.get("/albums/view-album", {"album_name": "Summer"}), 404),
        (nobody.get(f"/albums/{album.pk}"), 401),
        (nobody.get("/images/all-images"), 401),
        (owner.post_json("/set_fields", []), 400),
        (owner.client.delete("/me"), 405),
        (owner.get("/me/x"), 404),
        (owner.get("/v1/x"), 404),
    ]
    for answer, status in refused:
        assert (answer.status_code, answer["Cache-Control"]) == (status, "no-store")


def test_no_cache_keeps_what_is_answered_to_an_upload_or_when_a_picture_is_gone(
    owner: Person, nobody: Caller, album: Album
) -> None:
    slots = owner.post_json(f"/v1/Group/{album.pk}/Photo", {"AddPhotos": 1}).json()["AddedPhotos"]
    url = slots[0]["UploadUrl"]
    answers = [nobody.get(url), nobody.client.put(url, b"no picture"), nobody.client.put(url, picture().read())]
    small = owner.get(f"/v1/Photo/{slots[0]['PhotoId']}").json()["Original"]
    owner.post(f"/photos/{slots[0]['PhotoId']}/delete")
    answers.append(nobody.get(small))
    assert [answer.status_code for answer in answers] == [405, 415, 200, 404]
    assert {answer["Cache-Control"] for answer in answers} == {"no-store"}


def test_head_changes_nothing_outside_of_the_apis_either(
    owner: Person, nobody: Caller, album: Album, sms: list[dict[str, Json]]
) -> None:
    owner.post(f"/albums/{album.pk}/invite_phones", {"phones[]": "12025550199"})
    invitation = "/i/" + sms[-1]["body"].rpartition("/i/")[2]
    slots = owner.post_json(f"/v1/Group/{album.pk}/Photo", {"AddPhotos": 2}).json()["AddedPhotos"]
    nobody.client.put(slots[0]["UploadUrl"], picture().read())
    media = owner.get(f"/v1/Photo/{slots[0]['PhotoId']}").json()["Original"]
    before = all_rows()
    statuses = {"/": 200, "/api/docs/": 200, invitation: 200, media: 200, slots[1]["UploadUrl"]: 405, "/x": 404}
    for path, status in statuses.items():
        answer = nobody.client.head(path)
        assert (answer.status_code, b"".join(answer)) == (status, b""), path
        assert all_rows() == before, path
