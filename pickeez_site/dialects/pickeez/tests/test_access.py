"""Who may call what. One row of the table for each route and method; see `route_table.py`."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import transaction
from pytest_django import Settings
from uuid_utils.compat import uuid7

from albums.models import Album
from conftest import Caller, MakePicture, Person
from core.tests.answers import Answer, Json
from photos.models import Original, Photo
from pickeez_site.dialects.pickeez.tests.route_table import (
    CALLERS,
    IN_PATH,
    PASSWORD,
    TABLE,
    Ids,
    filled,
    names,
    routes,
)

PATHS = routes()
WITH_ID = [route for route, path in PATHS.items() if "{" in path]
OF_ALBUM = [route for route in WITH_ID if PATHS[route].startswith(("/albums", "/photos"))]
NO_USER = b'{"msg":"No user found. Please supply token or sign in."}'
WRONG_PASSWORD = b'{"msg":"wrong password."}'
NOT_FOUND = b'{"msg":"Not found."}'
NEVER_ISSUED = (str(uuid4()), str(uuid7()), str(uuid7()).replace("-", ""), "123", "algo", "x" * 500, "é")


@pytest.fixture
def photo(owner: Person, album: Album) -> Photo:
    original = Original.objects.create(owner=owner.user, key="originals/x", status=Original.Status.READY)
    return Photo.objects.create(
        original=original, album=album, owner=owner.user, uploader=owner.user, s3_path="originals/x"
    )


@pytest.fixture
def ids(owner: Person, album: Album, photo: Photo) -> dict[str, str]:
    return Ids(owner.user, album_id=str(album.pk), photo_id=str(photo.pk))


@pytest.fixture
def callers(
    owner: Person, member: Person, stranger: Person, nobody: Caller, settings: Settings
) -> dict[str, Caller]:
    settings.ALGO_PASSWORD = PASSWORD
    settings.FACEBOOK_APP_ID, settings.FACEBOOK_APP_SECRET = "1", "not-so-secret"
    algorithm = type(nobody)(**{"x-algo-password": PASSWORD})
    return dict(zip(CALLERS, (owner, member, stranger, nobody, algorithm), strict=True))


@pytest.fixture
def ask(make_picture: MakePicture) -> Callable[..., Answer]:
    """Sends a route's good parameters; what the request changes is undone."""

    def send(
        caller: Caller, route: tuple[str, str], ids: dict[str, str], good: dict[str, Json] | None = None
    ) -> Answer:
        name, method = route
        data = filled(TABLE[route].good if good is None else good, ids, make_picture)
        with transaction.atomic():
            answer = getattr(caller, method.lower())(PATHS[name, method].format_map(ids), data)
            transaction.set_rollback(True)
        return answer

    return send


def expected(route: tuple[str, str]) -> dict[str, int]:
    return dict(zip(CALLERS, TABLE[route].statuses, strict=True))


def refusals(route: tuple[str, str]) -> dict[int, bytes]:
    """The one body with which the route may answer these statuses."""
    if route[0].startswith("fb"):
        return {}
    return {401: WRONG_PASSWORD if route[0].startswith("algo-") else NO_USER, 404: NOT_FOUND}


def as_seen(answer: Answer) -> tuple:
    """All that the caller gets, but for the request's own id."""
    headers = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
    return answer.status_code, answer.content, sorted(headers.items())


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert sorted(TABLE) == sorted(PATHS)


@pytest.mark.parametrize("route", TABLE, ids=names)
def test_each_caller_is_answered_as_the_table_says(
    callers: dict[str, Caller], ids: dict[str, str], ask: Callable[..., Answer], route: tuple[str, str]
) -> None:
    answers = {name: ask(caller, route, ids) for name, caller in callers.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == expected(route)
    for answer in answers.values():
        if answer.status_code in refusals(route):
            assert answer.content == refusals(route)[answer.status_code]
        elif answer.status_code >= 400:
            assert set(answer.json()) in ({"msg"}, {"err"})


@pytest.mark.parametrize("route", WITH_ID, ids=names)
def test_to_a_stranger_a_foreign_id_is_one_that_never_was(
    callers: dict[str, Caller], ids: dict[str, str], ask: Callable[..., Answer], route: tuple[str, str]
) -> None:
    owner, stranger = callers["owner"], callers["stranger"]
    foreign, without_parameters = ask(stranger, route, ids), ask(stranger, route, ids, {})
    assert foreign.status_code == 404
    for never_issued in NEVER_ISSUED:
        unknown = {**ids, **dict.fromkeys(IN_PATH, never_issued)}
        assert as_seen(ask(stranger, route, unknown)) == as_seen(foreign)
        assert as_seen(ask(owner, route, unknown)) == as_seen(foreign)
        assert as_seen(ask(stranger, route, unknown, {})) == as_seen(without_parameters)


def test_a_foreign_album_named_in_a_parameter_is_one_that_never_was(
    callers: dict[str, Caller], ids: dict[str, str], ask: Callable[..., Answer]
) -> None:
    foreign = ask(callers["stranger"], ("photos", "POST"), ids)
    assert foreign.status_code == 404
    for never_issued in NEVER_ISSUED:
        unknown = ask(callers["owner"], ("photos", "POST"), {**ids, "album_id": never_issued})
        assert as_seen(unknown) == as_seen(foreign)


@pytest.mark.parametrize("route", [*OF_ALBUM, ("photos", "POST")], ids=names)
def test_a_removed_member_is_a_stranger_from_the_next_request_on(
    callers: dict[str, Caller],
    ids: dict[str, str],
    ask: Callable[..., Answer],
    route: tuple[str, str],
    owner: Person,
    member: Person,
) -> None:
    assert ask(member, route, ids).status_code in (200, 403)
    owner.post(f"/albums/{ids['album_id']}/invite_phones", {"phones[]": member.phone, "remove": "true"})
    removed = ask(member, route, ids)
    assert removed.status_code == 404
    assert as_seen(removed) == as_seen(ask(callers["stranger"], route, ids))
    unknown = {**ids, "album_id": str(uuid7()), "photo_id": str(uuid7())}
    assert as_seen(removed) == as_seen(ask(member, route, unknown))


@pytest.mark.parametrize("route", [*OF_ALBUM, ("photos", "POST")], ids=names)
def test_an_album_and_a_photo_that_were_deleted_are_gone_for_members_too(
    callers: dict[str, Caller],
    ids: dict[str, str],
    ask: Callable[..., Answer],
    route: tuple[str, str],
    owner: Person,
    member: Person,
) -> None:
    owner.post(f"/albums/{ids['album_id']}/delete")
    assert ask(member, route, ids).status_code == 404


@pytest.mark.parametrize("route", [route for route in WITH_ID if route[0].startswith("photo")], ids=names)
def test_a_deleted_photo_is_gone_for_everybody(
    callers: dict[str, Caller], ids: dict[str, str], ask: Callable[..., Answer], route: tuple[str, str]
) -> None:
    callers["owner"].post(f"/photos/{ids['photo_id']}/delete")
    assert ask(callers["member"], route, ids).status_code == 404


@pytest.mark.parametrize("name", ["photo-faces-data"])
def test_the_albums_owner_may_not_change_a_members_photo(
    callers: dict[str, Caller],
    ids: dict[str, str],
    ask: Callable[..., Answer],
    photo: Photo,
    member: Person,
    name: str,
) -> None:
    Photo.objects.filter(pk=photo.pk).update(owner=member.user, uploader=member.user)
    assert [ask(callers[who], (name, "POST"), ids).status_code for who in ("owner", "member")] == [403, 200]


@pytest.mark.parametrize("route", [route for route in TABLE if route[0].startswith("algo-")], ids=names)
def test_without_a_configured_password_no_password_opens(
    callers: dict[str, Caller],
    ids: dict[str, str],
    ask: Callable[..., Answer],
    settings: Settings,
    nobody: Caller,
    route: tuple[str, str],
) -> None:
    settings.ALGO_PASSWORD = ""
    for caller in (callers["algorithm"], nobody, type(nobody)(**{"x-algo-password": ""})):
        for good in (TABLE[route].good, {**TABLE[route].good, "password": ""}):
            answer = ask(caller, route, ids, good)
            assert (answer.status_code, answer.content) == (401, WRONG_PASSWORD)


@pytest.mark.parametrize(
    "path", ["/me", "/albums/mine", "/albums/{album_id}", "/photos/{photo_id}", "/albums/algo"]
)
def test_the_password_opens_nothing_else(callers: dict[str, Caller], ids: dict[str, str], path: str) -> None:
    assert callers["algorithm"].get(path.format_map(ids)).status_code == 401
    assert callers["nobody"].get(path.format_map(ids), {"password": PASSWORD}).status_code == 401
