import json

import pytest

from albums.models import Album
from conftest import Caller, MakePicture, Person
from core.tests.answers import Json
from photos.models import Photo
from photos.tests.builders import place_photo
from pickeez_site.dialects.pickeez.tests.shapes import (
    PHOTO_ALONE,
    assert_absent,
    assert_refused,
    assert_signed_in_only,
)

RECTANGLES = [{"x": 1, "y": 2, "width": 3, "height": 4}, {"x": 5.1, "y": 6, "width": 7, "height": 8}]
FACES = {"face": "yes", "eyes": "no"}


@pytest.fixture
def photo(owner: Person, album: Album) -> Photo:
    return place_photo(album, owner.user)


def test_the_owner_says_what_is_on_the_photo_and_gets_it_back(owner: Person, member: Person, photo: Photo) -> None:
    body = {"rectangles": RECTANGLES, "detected_faces_data": FACES}
    answer = owner.post_json(f"/photos/{photo.pk}/set_faces_data", body)
    assert (answer.status_code, set(answer.json())) == (200, PHOTO_ALONE)
    for seen in (answer.json(), member.get(f"/photos/{photo.pk}").json()):
        assert (seen["rectangles"], seen["detected_data"], seen["num_faces"]) == (RECTANGLES, FACES, 2)


def test_a_form_may_carry_them_as_json_text(owner: Person, photo: Photo) -> None:
    body = {"rectangles": json.dumps(RECTANGLES), "detected_faces_data": json.dumps(FACES)}
    seen = owner.post(f"/photos/{photo.pk}/set_faces_data", body).json()
    assert (seen["rectangles"], seen["detected_data"]) == (RECTANGLES, FACES)


def test_what_is_not_given_stays(owner: Person, photo: Photo) -> None:
    path = f"/photos/{photo.pk}/set_faces_data"
    owner.post_json(path, {"rectangles": RECTANGLES})
    seen = owner.post_json(path, {"detected_faces_data": FACES}).json()
    assert (seen["rectangles"], seen["detected_data"]) == (RECTANGLES, FACES)


def test_processing_the_photo_leaves_the_clients_word_alone(
    owner: Person, album: Album, make_picture: MakePicture
) -> None:
    photo_id = owner.post("/photos/", {"album_id": album.pk, "file": make_picture(0)}).json()["_id"]
    owner.post_json(f"/photos/{photo_id}/set_faces_data", {"rectangles": []})
    owner.post(f"/albums/{album.pk}/done_uploading")
    seen = owner.get(f"/photos/{photo_id}").json()
    assert (seen["rectangles"], seen["num_faces"]) == ([], 0)


@pytest.mark.parametrize(
    "rectangles",
    [
        "text",
        {"x": 1, "y": 2, "width": 3, "height": 4},
        [[1, 2, 3, 4]],
        [{"x": 1, "y": 2, "width": 3}],
        [{"x": "1", "y": 2, "width": 3, "height": 4}],
        [{"x": True, "y": 2, "width": 3, "height": 4}],
        [{"x": None, "y": 2, "width": 3, "height": 4}],
        [{"x": 1e300, "y": 2, "width": 3, "height": 4}],
        RECTANGLES[:1] * 1001,
    ],
)
def test_what_are_no_rectangles_is_refused(owner: Person, photo: Photo, rectangles: Json) -> None:
    assert_refused(owner.post_json(f"/photos/{photo.pk}/set_faces_data", {"rectangles": rectangles}), 400)


@pytest.mark.parametrize("data", ["text", ["list"], 1])
def test_faces_data_is_an_object(owner: Person, photo: Photo, data: int | list[str] | str) -> None:
    answer = owner.post_json(f"/photos/{photo.pk}/set_faces_data", {"detected_faces_data": data})
    assert_refused(answer, 400)


@pytest.mark.parametrize(
    "body", [b'{"rectangles": [{"x": NaN, "y": 1, "width": 1, "height": 1}]}', b"{", b"[" * 9999]
)
def test_what_is_no_json_is_refused(owner: Person, photo: Photo, body: bytes) -> None:
    answer = owner.post(f"/photos/{photo.pk}/set_faces_data", body, content_type="application/json")
    assert_refused(answer, 400)


def test_only_the_photos_owner_says_so(
    owner: Person, member: Person, stranger: Person, nobody: Caller, album: Album
) -> None:
    photo = place_photo(album, member.user)
    path, data = "/photos/{id}/set_faces_data", {"rectangles": "[]"}
    assert_refused(owner.post(path.format(id=photo.pk), data), 403)
    assert_absent(stranger, "post", path, photo.pk, data)
    assert_signed_in_only(nobody, "post", path.format(id=photo.pk), data)
    photo.refresh_from_db()
    assert photo.rectangles is None
