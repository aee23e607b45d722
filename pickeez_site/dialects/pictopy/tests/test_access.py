"""Who may call what: one row for each route, and for each way of naming an album or image. See also Pickeez's table."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db import transaction

from albums.models import Album
from albums.services import create_album, invite_phones
from conftest import Person, committing
from core.tests.answers import Answer, Json
from photos.models import Original
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure
from pickeez_site.dialects.pictopy.tests.gallery import Gallery
from pickeez_site.dialects.pictopy.urls import urlpatterns

SIGNED_IN = (200, 200, 200, 401)
OWNER = (200, 404, 404, 401)  # an album has a name to its owner only, and an image a path
ADDED = (201, 404, 404, 401)


def importers(status: int) -> tuple[int, int, int, int]:
    """Owner and stranger may import from the server's disk, see `conftest.py`."""
    return (status, 403, status, 401)


@dataclass(frozen=True)
class Row:
    """What owner, member, stranger and nobody are answered when they send these fields, whose texts may name things."""

    name: str
    statuses: tuple[int, int, int, int]
    fields: dict[str, Json] = field(default_factory=dict)
    note: str = ""


SUMMER, IMAGE = {"album_name": "Summer"}, {"path": "{path}"}
NAMELESS, MANY = {"album_name": "{nameless}"}, {"paths": ["{path}"]}
TABLE = [
    Row("create-album", (201, 201, 201, 401), {"name": "Winter"}),
    Row("delete-album", OWNER, SUMMER),
    Row("delete-album", OWNER, NAMELESS, "by its id"),
    Row("add-multiple-to-album", ADDED, SUMMER | MANY),
    Row("add-multiple-to-album", ADDED, NAMELESS | MANY, "by its id"),
    Row("remove-from-album", OWNER, SUMMER | IMAGE),
    Row("remove-from-album", OWNER, NAMELESS | IMAGE, "where it is not"),
    Row("view-album", OWNER, SUMMER),
    Row("view-album", OWNER, NAMELESS, "by its id"),
    Row("edit-album-description", OWNER, {**SUMMER, "description": "By the lake"}),
    Row("edit-album-description", OWNER, {**NAMELESS, "description": "By the lake"}, "by its id"),
    Row("view-all", SIGNED_IN),
    Row("all-images", SIGNED_IN),
    Row("add-images", importers(202), {"paths": ["{new}"]}),
    Row("delete-image", OWNER, IMAGE),
    Row("delete-image", OWNER, {"path": "{key}"}, "by its key"),
    Row("delete-image", OWNER, {"path": "a.png"}, "by its file name"),
    Row("multiple-images", OWNER, MANY),
    Row("all-image-objects", SIGNED_IN),
    Row("class-ids", SIGNED_IN, IMAGE),
    Row("class-ids", SIGNED_IN, {"path": "a.png"}, "by its file name"),
    Row("add-folder", importers(200), {"folder_path": "{root}"}),
    Row("generate-thumbnails", importers(201), {"folder_path": "{root}"}),
    Row("match", SIGNED_IN),
    Row("clusters", SIGNED_IN),
    Row("related-images", OWNER, IMAGE),
]
ROUTES = {pattern.name: pattern for pattern in urlpatterns if pattern.name}


def names(row: Row) -> str:
    return f"{row.name} {row.note}".strip()


@pytest.fixture
def things(
    owner: Person, member: Person, album: Album, imported: Callable[..., str], put: Callable[..., str], root: Path
) -> dict[str, str]:
    """The owner's image, in an album with the member; another album of both, without a name; and a new file."""
    path = imported("trip/a.png")
    key = Original.objects.get().key
    assert (
        Gallery(owner).post("/albums/add-multiple-to-album", album_name="Summer", paths=[path]).status_code == 201
    )
    with committing():
        nameless = create_album(owner=owner.user, name="")
        invite_phones(album=nameless, phones=[member.phone])
    return {"path": path, "key": key, "nameless": str(nameless.pk), "new": put("b.png"), "root": str(root)}


def ask(caller: Gallery, row: Row, things: dict[str, str]) -> Answer:
    """The request of a row; what it changes in the database is undone."""
    (method,) = (name for name in vars(ROUTES[row.name].callback)["actions"] if name != "head")
    fields = {
        name: [text.format_map(things) for text in value] if isinstance(value, list) else value.format_map(things)
        for name, value in row.fields.items()
    }
    with transaction.atomic():
        answer: Answer = getattr(caller, method)(f"/{ROUTES[row.name].pattern}", **fields)
        transaction.set_rollback(True)
    return answer


def test_every_route_has_a_row() -> None:
    assert {row.name for row in TABLE} == set(ROUTES)


@pytest.mark.parametrize("row", TABLE, ids=names)
def test_each_caller_is_answered_as_the_table_says(
    gallery: Gallery,
    member_gallery: Gallery,
    other_gallery: Gallery,
    nobodys_gallery: Gallery,
    things: dict[str, str],
    row: Row,
) -> None:
    everybody = (gallery, member_gallery, other_gallery, nobodys_gallery)
    answers = [ask(caller, row, things) for caller in everybody]
    assert tuple(answer.status_code for answer in answers) == row.statuses
    for answer in answers:
        if answer.status_code >= 400:
            assert_failure(answer, answer.status_code, answer.json()["error"])
    for answer in answers[1:]:
        assert things["key"] not in answer.text
        assert "trip" not in answer.text.replace(str(row.fields.get("path")), "")
