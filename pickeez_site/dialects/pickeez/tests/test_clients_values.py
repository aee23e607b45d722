"""What a client gave comes back as it was, in every answer: numbers of any size, members in their order, any text."""

import json
from collections.abc import Callable

import pytest
from pytest_django import Settings

from albums.models import Album
from conftest import Caller, Person
from photos.models import Photo
from photos.tests.builders import place_photo
from pickeez_site.dialects.pickeez.tests.shapes import assert_refused

PASSWORD = "for-the-algorithm"
GiveAndRead = Callable[[str], list[str]]


@pytest.fixture
def photo(owner: Person, album: Album) -> Photo:
    return place_photo(album, owner.user)


@pytest.fixture
def give_and_read(owner: Person, nobody: Caller, photo: Photo, settings: Settings) -> GiveAndRead:
    """Has the client say what is on the photo, as JSON text, and returns the text of every answer that shows it."""
    settings.ALGO_PASSWORD = PASSWORD

    def give(body: str) -> list[str]:
        path = f"/photos/{photo.pk}/set_faces_data"
        answers = [
            owner.client.post(path, body.encode(), content_type="application/json"),
            owner.get(f"/photos/{photo.pk}"),
            owner.get(f"/albums/{photo.album_id}"),
            owner.get("/albums/mine"),
            nobody.get("/albums/algo/get_pending", {"password": PASSWORD, "forced_album_id": str(photo.album_id)}),
        ]
        assert [answer.status_code for answer in answers] == [200] * 5
        return [answer.content.decode() for answer in answers]

    return give


@pytest.mark.parametrize(
    "number",
    [
        *("0", "-1", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551615"),
        *("18446744073709551616", "-9223372036854775809", "1" + "0" * 400, "9" * 4000),
        *("5.1", "-0.0", "1.0", "0.30000000000000004", "-1.5e-10"),
    ],
)
def test_numbers_stay_what_they_are(give_and_read: GiveAndRead, number: str) -> None:
    for text in give_and_read(f'{{"detected_faces_data": {{"n": {number}}}}}'):
        (written,) = _found(json.loads(text, parse_int=str, parse_float=str), "detected_data")
        assert repr(json.loads(written["n"])) == repr(json.loads(number))
        assert written["n"] == number or "e" in number


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "Infinity"])
def test_what_is_no_finite_number_is_refused(owner: Person, photo: Photo, number: str) -> None:
    body = f'{{"detected_faces_data": {{"n": {number}}}}}'.encode()
    path = f"/photos/{photo.pk}/set_faces_data"
    assert_refused(owner.client.post(path, body, content_type="application/json"), 400)


def test_members_keep_their_order_at_every_depth(give_and_read: GiveAndRead) -> None:
    given = '{"z":1,"a":{"y":[{"10":1,"9":2,"":3}],"b":null},"m":"x"}'
    for text in give_and_read(f'{{"detected_faces_data": {given}}}'):
        assert f'"detected_data":{given}' in text


def test_text_of_any_script_stays(give_and_read: GiveAndRead) -> None:
    given = {"שלום": 'naïve \u2028 </script> \x7f "\\\n 🙂'}
    for text in give_and_read(json.dumps({"detected_faces_data": given})):
        assert _found(json.loads(text), "detected_data") == [given]


def test_sides_of_rectangles_stay_whole_or_broken_as_they_came(give_and_read: GiveAndRead) -> None:
    given = '[{"x":1,"y":-2.0,"width":5.1,"height":0},{"x":0.5,"y":2147483647,"width":-0.0,"height":4}]'
    for text in give_and_read(f'{{"rectangles": {given}}}'):
        assert f'"rectangles":{given}' in text


def _found(value: object, name: str) -> list[dict[str, str]]:
    """What the members of that name hold, wherever they are."""
    if isinstance(value, list):
        return [hit for item in value for hit in _found(item, name)]
    if not isinstance(value, dict):
        return []
    return [hit for key, item in value.items() for hit in ([item] if key == name else _found(item, name))]
