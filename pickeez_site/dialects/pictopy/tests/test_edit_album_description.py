import pytest

from albums.models import Album
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

PATH = "/albums/edit-album-description"


def description(gallery: Gallery) -> str:
    return gallery.data("/albums/view-all")[0]["description"]


@pytest.mark.parametrize("text", ["At the lake", "", "ünï\n🐟"])
def test_the_description_is_changed(gallery: Gallery, album: Album, text: str) -> None:
    answer = gallery.put(PATH, name="Summer", description=text)
    assert_success(answer, 200, {"album_name": "Summer", "new_description": text})
    assert gallery.put(PATH, album_name="Summer", description=text).json() == answer.json()
    assert description(gallery) == text


def test_an_unknown_album_is_not_found(gallery: Gallery) -> None:
    assert_failure(gallery.put(PATH, name="Winter", description=""), 404, "Album not found")


def test_what_is_missing_or_of_another_form_is_named(gallery: Gallery, album: Album) -> None:
    assert_failure(gallery.put(PATH, description="x"), 400, "Missing 'name' in payload")
    assert_failure(gallery.put(PATH, name="Summer"), 400, "Missing 'description' in payload")
    assert_failure(gallery.put(PATH, name="Summer", description=1), 400, "Invalid 'description' format")
    assert_failure(gallery.put(PATH, name="Summer", description="x" * 10_001), 400, "Invalid 'description' format")


def test_others_change_nothing(
    gallery: Gallery, other_gallery: Gallery, member_gallery: Gallery, nobodys_gallery: Gallery, album: Album
) -> None:
    for other in (other_gallery, member_gallery):
        assert_failure(other.put(PATH, name="Summer", description="mine"), 404, "Album not found")
    assert_failure(nobodys_gallery.put(PATH, name="Summer", description="mine"), 401, "Unauthorized")
    assert description(gallery) == ""
