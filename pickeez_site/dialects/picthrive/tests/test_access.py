"""Who may call what: one row for each route and method, and for each way of changing a photo. See also Pickeez's table."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction

from albums.models import Album
from conftest import Caller, Person
from core.tests.answers import Answer
from photos.models import Original, Photo
from photos.tests.builders import place_photo
from pickeez_site.dialects.picthrive.tests.shapes import NOT_FOUND, assert_refused, call
from pickeez_site.dialects.picthrive.urls import urlpatterns

CALLERS = ("owner", "member", "stranger", "nobody")
SIGNED_IN = (200, 200, 200, 401)
CREATED = (201, 201, 201, 401)
MEMBERS = (200, 200, 404, 401)
OWNER = (200, 403, 404, 401)
MAKER = (200, 404, 404, 401)


@dataclass(frozen=True)
class Row:
    """What each of the `CALLERS` is answered on this route when they send `body`, whose texts may name ids."""

    name: str
    method: str
    statuses: tuple[int, int, int, int]
    body: Any = None
    note: str = ""


IN_PROCESSING = "while the photo is processed"
TABLE = [
    Row("photo", "GET", MEMBERS),
    Row("photo", "DELETE", OWNER),
    Row("photo", "PUT", OWNER, {"GroupId": "{group_id}"}, "to where it is"),
    Row("photo", "PUT", OWNER, {"GroupId": "{group_id}", "DoCopy": False}, IN_PROCESSING),
    Row("photo", "PUT", MEMBERS, {"GroupId": "{group_id}", "DoCopy": True}, "a copy"),
    Row("photo", "PUT", MEMBERS, {"GroupId": "{group_id}", "DoCopy": True}, IN_PROCESSING),
    Row("photo", "PUT", OWNER, {"SortOrder": "1"}),
    Row("groups", "GET", SIGNED_IN),
    Row("groups", "POST", CREATED, {"Name": "Beach"}),
    Row("groups", "POST", CREATED, {}, "without a name"),
    Row("group", "GET", MEMBERS),
    Row("group", "PUT", OWNER, {"Name": "Beach"}),
    Row("group", "DELETE", OWNER),
    Row("group-photos", "GET", MEMBERS),
    Row("group-photos", "POST", MEMBERS, {"AddPhotos": 1}),
    Row("upload-status", "PUT", MEMBERS),
    Row("zips", "POST", MEMBERS, {"Photos": [{"File": "{file}"}]}),
    Row("zips", "POST", (400, 400, 400, 401), {"Photos": [{"File": "{file}?"}]}, "a suffix not given out so"),
    Row("zip", "GET", MAKER),
    Row("regions", "GET", SIGNED_IN),
]
PATHS = {pattern.name.removeprefix("picthrive-"): f"/{pattern.pattern}" for pattern in urlpatterns if pattern.name}


def names(row: Row) -> str:
    return f"{row.name} {row.method} {row.note}".strip()


@pytest.fixture
def photo(owner: Person, album: Album) -> Photo:
    return place_photo(album, owner.user)


@pytest.fixture
def ids(owner: Person, album: Album, photo: Photo) -> dict[str, str]:
    """Of the owner's group, photo and archive; `file` is a suffix of the photo."""
    group, file = str(album.pk), owner.get(f"/v1/Photo/{photo.pk}").json()["Small"]
    asked = call(owner, "POST", f"/v1/Group/{group}/Zip", {"Photos": [{"File": file}]}).json()
    zip_id = asked["Status"].rpartition("/")[2]
    return {"group_id": group, "photo_id": str(photo.pk), "zip_id": zip_id, "file": file}


def filled(value: Any, ids: dict[str, str]) -> Any:
    """The body with ids in their places."""
    if isinstance(value, dict):
        return {name: filled(member, ids) for name, member in value.items()}
    if isinstance(value, list):
        return [filled(member, ids) for member in value]
    return value.format_map(ids) if isinstance(value, str) else value


def ask(caller: Caller, row: Row, ids: dict[str, str]) -> Answer:
    """The request of a row; what it changes is undone."""
    path = PATHS[row.name].replace("<str:", "{").replace(">", "}").format_map(ids)
    with transaction.atomic():
        answer = call(caller, row.method, path, filled(row.body, ids))
        transaction.set_rollback(True)
    return answer


def test_every_route_has_a_row() -> None:
    routes = {
        (pattern.name.removeprefix("picthrive-"), method.upper())
        for pattern in urlpatterns
        if pattern.name
        for method in vars(pattern.callback)["actions"]
        if method != "head"
    }
    assert {(row.name, row.method) for row in TABLE} == routes


@pytest.mark.parametrize("row", TABLE, ids=names)
def test_each_caller_is_answered_as_the_table_says(
    owner: Person, member: Person, stranger: Person, nobody: Caller, ids: dict[str, str], row: Row
) -> None:
    if row.note == IN_PROCESSING:
        Original.objects.update(status=Original.Status.PROCESSING)
    answers = [ask(caller, row, ids) for caller in (owner, member, stranger, nobody)]
    assert tuple(answer.status_code for answer in answers) == row.statuses
    for answer in answers:
        if answer.status_code >= 400:
            assert_refused(answer, answer.status_code)
        if answer.status_code == 404:
            assert answer.json() == NOT_FOUND
