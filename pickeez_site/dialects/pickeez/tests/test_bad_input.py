"""What no route was made for: a clear 4xx in the dialect's shape from every one, and never a 500."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from albums.models import Album
from conftest import MakePicture, Person, picture
from core.tests.answers import Answer
from photos.models import Original, Photo
from pickeez_site.dialects.pickeez.tests.route_table import (
    IN_PATH,
    PASSWORD,
    TABLE,
    Ids,
    filled,
    names,
    routes,
)

PATHS = routes()
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
MULTIPART = "multipart/form-data; boundary=b"
MANY = ["x"] * 10_000

# By kind of parameter, what none of that kind may be. `MISSING` leaves it out.
MISSING = object()
TEXT = [["a", "b"], {"a": 1}, [["a"]], [{}], "a\0b", "x" * 100_000, MANY]
NEEDED = [*TEXT, MISSING, None, ""]
ID = [*TEXT, "123", "null", 0, 1.5, -1, True, str(uuid4()), "' OR 1=1 --", "../x", "é"]
NEEDED_ID = [*ID, MISSING, None, ""]
BOOLEAN = [*TEXT, "maybe", 2, 1.5, -1, "tru", "yes!"]
INTEGER = [*TEXT, "abc", -1, "1.5", "1e3", 1.5, True, 2**31, 10**400, "٣", "0x10", "+1", "1_000"]
PHONE = [*NEEDED, "abc", "12", "1" * 16, -5, -48265, True, 1e300, 10**300, "+", "555;1"]
PHONES = [MISSING, None, "", [], [""], [[]], [{}], {"a": 1}, True, 1.5, [None], [1.5], MANY]
IDS = [MISSING, None, "", [], [""], ["x"], [[]], [{}], {"a": 1}, True, 1.5, [None], [1.5], [str(uuid4())], MANY]
RECTANGLE = {"x": 1, "y": 2, "width": 3, "height": 4}
RECTANGLES = [
    *({"a": 1}, "x", 5, True, [1], [None], [{}], [[]], [RECTANGLE] * 10_000, [{**RECTANGLE, "z": 1}]),
    *([{**RECTANGLE, "x": value}] for value in ("1", None, True, [1], 10**300, 1e300)),
]
DECISIONS = [
    MISSING,
    None,
    "",
    [],
    "x",
    5,
    True,
    {"a": 1},
    {"a": ["b"]},
    {"a": {"b": "yes"}},
    {"a": {"b": 1}},
    MANY,
]

KINDS: dict[str, list[Any]] = {
    **dict.fromkeys(
        ("album_local_id", "local_album_id", "photo_local_id", "name", "type", "error", "state"), TEXT
    ),
    **dict.fromkeys(("s3_server_id", "photo_creation_date", "local_creation_date"), TEXT),
    **dict.fromkeys(("code", "s3_path", "sure", "val"), NEEDED),
    "field": [*NEEDED, "phone", "is_staff", 5],
    "pic_url": [*NEEDED, "javascript:x", "http://["],
    **dict.fromkeys(("_id", "before", "photos_after", "forced_album_id", "forced_user_id"), ID),
    **dict.fromkeys(("album_id", "user_id"), NEEDED_ID),
    "to": NEEDED_ID,
    **dict.fromkeys(("people", "faces"), IDS),
    **dict.fromkeys(("deleted", "remove", "filtered", "wide", "hidden"), BOOLEAN),
    **dict.fromkeys(("limit", "num_faces"), INTEGER),
    "phone": PHONE,
    "phones": PHONES,
    "rectangles": RECTANGLES,
    "model": [MISSING, None],
    "file": [MISSING, None, "", "text", 5, ["a"], {"a": 1}, MANY],
}
# Where a name means something else than elsewhere.
SPECIAL: dict[tuple[str, str, str], list[Any]] = {
    ("albums-mine", "GET", "photos"): BOOLEAN,
    ("algo-set-photos", "POST", "photos"): DECISIONS,
    # A page goes on after any id, also one that is gone meanwhile.
    ("albums-mine", "GET", "before"): TEXT,
    ("album", "GET", "photos_after"): TEXT,
    ("people", "GET", "after"): TEXT,
    ("people-changes", "GET", "before"): TEXT,
    ("person", "GET", "after"): TEXT,
    ("photos", "POST", "s3_path"): [],  # see test_photos_create.py
    ("set-fields", "POST", "val"): [*NEEDED, "maybe"],
}
NOT_UTF8 = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\r\n--b--\r\n'
CUT_OFF = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.png"\r\n\r\n\x89PNG'
BODIES: list[tuple[str, bytes | str]] = [
    *((JSON, body) for body in ("[]", "[1, 2]", '"text"', "5", "true", "null", "{", "{'a': 1}", '{"a": 1} x', "nonsense")),
    *((JSON, f'{{"a": {value}}}') for value in ("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5000, "01")),
    *((JSON, f'{{"a": "{value}"}}') for value in ("\\u0000", "\\ud800", "\\udc00x", "\0", "a\nb", "\\x")),
    *((JSON, f'{{"{value}": 1}}') for value in ("\\u0000", "\\udfff")),
    *((JSON, body) for body in (b'{"a": "\xff"}', b"\xff\xfe{", b'\xed\xa0\x80', b"\x80", '{"a": 1}'.encode("utf-16")[:-1])),
    *((JSON, body) for body in ("[" * 100_000, '{"a":' * 3000, '{"a":' + "[" * 200 + "]" * 200 + "}")),
    *((FORM, body) for body in (b"a=%ff", b"a=\xff", b"%fe=1", b"a=%ed%a0%80", b"a=1&" * 6000)),
    *((MULTIPART, body) for body in (b"--b", b"--b\r\n\r\n", b"nonsense", b"--c\r\n\r\nx\r\n--c--\r\n", CUT_OFF, NOT_UTF8)),
    ("multipart/form-data", b"--b\r\n\r\nx\r\n--b--\r\n"),
    ("multipart/form-data; boundary=" + "b" * 300, b"x"),
    *((kind, b"x=1") for kind in ("text/plain", "text/html", "application/xml", "image/png", "nonsense", "a/b; c", "/")),
]  # fmt: skip


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
def send(owner: Person, ids: dict[str, str], settings: Settings) -> Callable[..., Answer]:
    """One request by somebody who may do everything."""
    settings.ALGO_PASSWORD = PASSWORD
    settings.PHONE_CODES_PER_HOUR = settings.PHONE_GUESSES_PER_ADDRESS_PER_HOUR = 1000

    def request(
        route: tuple[str, str], body: bytes | str = b"", content_type: str = JSON, query: str = ""
    ) -> Answer:
        path = PATHS[route].format_map(ids) + query
        return owner.client.generic(route[1], path, body, content_type, headers={"x-algo-password": PASSWORD})

    return request


def fault(answer: Answer) -> str | None:
    """What is wrong with the answer to bad input; None when nothing is."""
    if not 400 <= answer.status_code < 500:
        return f"{answer.status_code} {answer.text[:200]}"
    if answer["Content-Type"] != "application/json" or set(answer.json()) != {"msg"}:
        return answer.text[:200]
    return None if len(answer.content) < 500 else "repeats what it was sent"


def shown(value: Any) -> str:
    return "MISSING" if value is MISSING else repr(value)[:60]


def bad_values(route: tuple[str, str], name: str) -> list[Any]:
    return SPECIAL.get((*route, name), KINDS.get(name, []))


def parameters(route: tuple[str, str]) -> list[str]:
    return [*TABLE[route].good, *TABLE[route].other]


TAKING = [(route, name) for route in TABLE for name in parameters(route) if bad_values(route, name)]


def test_every_parameter_is_of_a_known_kind() -> None:
    known = {name for *_, name in SPECIAL} | set(KINDS)
    assert {name for route in TABLE for name in parameters(route)} <= known


@pytest.mark.parametrize("route", TABLE, ids=names)
def test_a_body_that_is_not_what_it_says_is_refused(send: Callable[..., Answer], route: tuple[str, str]) -> None:
    faults = {
        (content_type, shown(body)): found
        for content_type, body in BODIES
        if (found := fault(send(route, body, content_type)))
    }
    assert faults == {}


@pytest.mark.parametrize("route", TABLE, ids=names)
def test_a_query_that_is_not_utf_8_is_refused(send: Callable[..., Answer], route: tuple[str, str]) -> None:
    for query in ("?a=%ff", "?%fe%ff", "?a=%ed%a0%80", "?" + "a=1&" * 6000):
        assert fault(send(route, query=query)) is None


@pytest.mark.parametrize(
    ("route", "name"), TAKING, ids=lambda value: value if isinstance(value, str) else names(value)
)
def test_a_parameter_of_the_wrong_kind_is_refused_in_json(
    send: Callable[..., Answer], ids: dict[str, str], route: tuple[str, str], name: str
) -> None:
    good = {key: value for key, value in TABLE[route].good.items() if isinstance(value, str | list)}
    faults = {}
    for value in bad_values(route, name):
        data = {**filled(good, ids, picture), name: value}
        body = json.dumps({key: item for key, item in data.items() if item is not MISSING})
        if found := fault(send(route, body)):
            faults[shown(value)] = found
    assert faults == {}


@pytest.mark.parametrize(
    ("route", "name"), TAKING, ids=lambda value: value if isinstance(value, str) else names(value)
)
def test_a_parameter_of_the_wrong_kind_is_refused_in_a_form(
    owner: Person,
    send: Callable[..., Answer],
    ids: dict[str, str],
    make_picture: MakePicture,
    route: tuple[str, str],
    name: str,
) -> None:
    faults = {}
    for value in bad_values(route, name):
        if value is not MISSING and not isinstance(value, str):
            continue
        data = {**filled(TABLE[route].good, ids, make_picture), name: value}
        data = {key: item for key, item in data.items() if item is not MISSING}
        path, headers = PATHS[route].format_map(ids), {"x-algo-password": PASSWORD}
        found = fault(getattr(owner.client, route[1].lower())(path, data, headers=headers))
        if found:
            faults[shown(value)] = found
    assert faults == {}


@pytest.mark.parametrize("route", [route for route, path in PATHS.items() if "{" in path], ids=names)
def test_an_id_that_is_none_is_unknown(
    send: Callable[..., Answer], ids: dict[str, str], route: tuple[str, str]
) -> None:
    data = json.dumps(filled(TABLE[route].good, ids, picture))
    for never in ("0", "null", "-1", "%00", "%ff", "a%2fb", "..", "%20", "x" * 5000, "%F0%9F%91%8D", "{}", "1e5"):
        ids.update(dict.fromkeys(IN_PATH, never))
        path, answer = PATHS[route].format_map(ids), send(route, data)
        assert (answer.status_code, answer.json()) == (404, {"msg": "Not found."}), path
