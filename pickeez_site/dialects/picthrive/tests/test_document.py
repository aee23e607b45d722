"""The document's own examples, member by member."""

import json
from collections.abc import Callable
from pathlib import Path

from albums.models import Album
from conftest import Person
from core.tests.answers import Json
from photos.models import Photo
from photos.tests.builders import place_photo
from pickeez_site.dialects.picthrive.tests.shapes import call

EXAMPLES = Path(__file__).parent.parent / "examples"


def example(name: str) -> dict[str, Json]:
    return json.loads((EXAMPLES / f"{name}.json").read_text())


def test_a_photo_has_every_member_of_the_documents_and_of_the_same_type(
    owner: Person, album: Album, upload: Callable[..., Photo]
) -> None:
    documented = example("photo")
    photo = owner.get(f"/v1/Photo/{upload(owner, album, 'IMG_01.png').pk}").json()
    for name, value in documented.items():
        assert name in photo
        assert type(photo[name]) is type(value), name
    same = ("Deleted", "SortOrder", "Ratio")
    assert {name: photo[name] for name in same} == {name: documented[name] for name in same}
    for name in ("Medium", "Original", "Small", "Watermark", "WatermarkSmall"):
        assert photo[name][0] == documented[name][0] == "/"


def test_a_delete_answers_an_object_in_which_the_error_is_optional(
    owner: Person, member: Person, album: Album
) -> None:
    documented = example("photo_delete")
    photo = place_photo(album, owner.user)
    assert set(call(member, "DELETE", f"/v1/Photo/{photo.pk}").json()) == set(documented)
    assert call(owner, "DELETE", f"/v1/Photo/{photo.pk}").json() == {}


def test_the_documents_put_moves_the_photo(owner: Person, album: Album, other_album: Album) -> None:
    photo = place_photo(album, owner.user)
    asked = {**example("photo_put"), "GroupId": str(other_album.pk)}
    answer = call(owner, "PUT", f"/v1/Photo/{photo.pk}", asked).json()
    assert answer == {"PhotoId": str(photo.pk)}
    assert set(answer) | {"Error"} == set(example("photo_put_answer"))
