from collections.abc import Callable
from pathlib import Path

import pytest

from albums.models import Album
from faces.models import Face, FaceAssignment, Person
from photos.models import ImportedFile, ObjectLabel, Original, Photo
from photos.services import remove_dropped_files
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

PATH, MANY = "/images/delete-image", "/images/multiple-images"


def test_the_image_goes_from_albums_people_and_storage(
    gallery: Gallery, album: Album, imported: Callable[..., str], stored: Callable[..., list[str]]
) -> None:
    first, second = imported("a.png", 1), imported("b.png", 1)
    gallery.post("/albums/add-multiple-to-album", album_name="Summer", paths=[first, second])
    assert len(gallery.data("/tag/clusters")["clusters"]) == 1
    assert_success(gallery.delete(PATH, path=first), 200, first)
    assert gallery.images == gallery.data("/albums/view-album", album_name="Summer")["photos"] == [second]
    assert gallery.data("/tag/clusters")["clusters"] == {}
    assert gallery.data("/tag/match")["similar_pairs"] == []
    assert gallery.data("/tag/related-images", path=second)["related_images"] == []
    remove_dropped_files()
    assert len([key for key in stored() if key.startswith("originals/")]) == 1
    gallery.delete(PATH, path=second)
    remove_dropped_files()
    assert stored() == []
    for model in (Photo, Original, Face, FaceAssignment, Person, ImportedFile, ObjectLabel):
        assert not model.objects.exists()


def test_the_users_own_file_stays(gallery: Gallery, imported: Callable[..., str], root: Path) -> None:
    path = imported("a.png")
    gallery.delete(PATH, path=path)
    assert (root / "a.png").read_bytes()


def test_it_is_found_by_its_storage_key_too(gallery: Gallery, imported: Callable[..., str]) -> None:
    imported("a.png")
    key = Original.objects.get().key
    assert_success(gallery.delete(PATH, path=key), 200, key)
    assert gallery.images == []


def test_a_file_name_will_do_where_only_one_image_has_it(gallery: Gallery, imported: Callable[..., str]) -> None:
    first, second, third = imported("trip/a.png"), imported("tour/a.png"), imported("tour/b.png")
    assert_failure(gallery.delete(PATH, path="a.png"), 404, "Ambiguous file name")
    assert_failure(gallery.delete(PATH, path=".png"), 404, "Image not found")
    assert gallery.images == [second, third, first]
    assert_success(gallery.delete(PATH, path="b.png"), 200, third)
    assert gallery.images == [second, first]


def test_of_many_all_go_or_none(gallery: Gallery, imported: Callable[..., str]) -> None:
    paths = [imported(f"{number}.png") for number in range(3)]
    answer = gallery.delete(MANY, paths=[paths[0], "/unknown.png"])
    assert_failure(answer, 404, "Image not found")
    assert gallery.images == paths
    assert_success(gallery.delete(MANY, paths=paths[:2]), 200, paths[:2])
    assert gallery.images == paths[2:]
    assert_success(gallery.delete(MANY, paths=[]), 200, [])


def test_a_second_time_it_is_not_found(gallery: Gallery, imported: Callable[..., str]) -> None:
    path = imported("a.png")
    gallery.delete(PATH, path=path)
    assert_failure(gallery.delete(PATH, path=path), 404, "Image not found")
    assert_failure(gallery.delete(MANY, paths=[path]), 404, "Image not found")


def test_somebody_elses_image_is_as_unknown_as_one_that_never_was(
    gallery: Gallery, other_gallery: Gallery, nobodys_gallery: Gallery, imported: Callable[..., str]
) -> None:
    path = imported("a.png")
    for unknown in (path, Original.objects.get().key, "/never.png"):
        for name in (unknown, Path(unknown).name):
            assert_failure(other_gallery.delete(PATH, path=name), 404, "Image not found")
        assert_failure(other_gallery.delete(MANY, paths=[unknown]), 404, "Image not found")
    assert_failure(nobodys_gallery.delete(PATH, path=path), 401, "Unauthorized")
    assert_failure(nobodys_gallery.delete(MANY, paths=[path]), 401, "Unauthorized")
    assert gallery.images == [path]


@pytest.mark.parametrize(("path", "body"), [(PATH, {}), (PATH, {"path": ""}), (MANY, {})])
def test_what_is_missing_is_named(gallery: Gallery, path: str, body: dict[str, str]) -> None:
    name = "path" if path == PATH else "paths"
    assert_failure(gallery.delete(path, **body), 400, f"Missing '{name}' in payload")


def test_what_is_of_another_form_is_named(gallery: Gallery) -> None:
    assert_failure(gallery.delete(PATH, path=1), 400, "Invalid 'path' format")
    assert_failure(gallery.delete(MANY, paths="text"), 400, "Invalid 'paths' format")
