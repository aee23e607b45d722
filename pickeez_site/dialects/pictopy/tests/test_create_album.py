import pytest

from albums.models import Album
from albums.services import create_album, delete_album
from conftest import Person
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

PATH = "/albums/create-album"


def test_an_album_is_created_with_and_without_a_description(gallery: Gallery) -> None:
    answer = gallery.post(PATH, name="Summer", description="At the lake")
    assert_success(answer, 201, {"album_name": "Summer", "description": "At the lake"})
    assert_success(gallery.post(PATH, name="Winter"), 201, {"album_name": "Winter", "description": None})
    assert list(Album.objects.order_by("pk").values_list("name", "description")) == [
        ("Summer", "At the lake"),
        ("Winter", ""),
    ]


def test_the_name_may_come_as_album_name(gallery: Gallery) -> None:
    assert gallery.post(PATH, album_name="Summer").json()["data"]["album_name"] == "Summer"


def test_an_empty_name_leaves_it_to_the_other_and_one_of_another_form_does_not(gallery: Gallery) -> None:
    for number, empty in enumerate(["", None]):
        assert gallery.post(PATH, name=empty, album_name=f"Summer {number}").status_code == 201
    wrongs: list[object] = [0, False, [], {}]
    for wrong in wrongs:
        assert_failure(gallery.post(PATH, name=wrong, album_name="Winter"), 400, "Invalid 'name' format")


def test_a_name_in_use_is_a_conflict_for_the_same_user_only(
    gallery: Gallery, other_gallery: Gallery, owner: Person
) -> None:
    create_album(owner=owner.user, name="Summer")
    assert_failure(gallery.post(PATH, name="Summer"), 409, "Album name already in use")
    assert Album.objects.count() == 1
    assert other_gallery.post(PATH, name="Summer").status_code == 201


def test_the_name_of_a_deleted_album_is_free(gallery: Gallery, owner: Person) -> None:
    delete_album(album=create_album(owner=owner.user, name="Summer"))
    assert gallery.post(PATH, name="Summer").status_code == 201


@pytest.mark.parametrize("name", [" padded ", "Räksmörgås 🦐", "line\nbreak", "x" * 500, "'; DROP TABLE", "None"])
def test_names_are_kept_as_they_are(gallery: Gallery, name: str) -> None:
    assert gallery.post(PATH, name=name).json()["data"]["album_name"] == name
    assert gallery.data("/albums/view-album", album_name=name)["album_name"] == name


@pytest.mark.parametrize("body", [{}, {"name": None}, {"name": ""}, {"description": "only"}])
def test_a_missing_name_is_named(gallery: Gallery, body: dict[str, object]) -> None:
    assert_failure(gallery.post(PATH, **body), 400, "Missing 'name' in payload")


@pytest.mark.parametrize("name", [1, True, ["a"], {"a": 1}, "x" * 501])
def test_a_name_of_another_form_is_refused(gallery: Gallery, name: dict[str, int] | int | list[str] | str) -> None:
    assert_failure(gallery.post(PATH, name=name), 400, "Invalid 'name' format")


def test_a_description_of_another_form_is_refused(gallery: Gallery) -> None:
    assert_failure(gallery.post(PATH, name="Summer", description=["long"]), 400, "Invalid 'description' format")


def test_nobody_is_refused(db: None, nobodys_gallery: Gallery) -> None:
    assert_failure(nobodys_gallery.post(PATH, name="Summer"), 401, "Unauthorized")
    assert not Album.objects.exists()


def test_the_id_that_an_album_without_a_name_goes_by_is_in_use(
    gallery: Gallery, other_gallery: Gallery, owner: Person
) -> None:
    unnamed = create_album(owner=owner.user)
    assert_failure(gallery.post(PATH, name=str(unnamed.pk)), 409, "Album name already in use")
    assert Album.objects.get() == unnamed
    assert other_gallery.post(PATH, name=str(unnamed.pk)).status_code == 201
