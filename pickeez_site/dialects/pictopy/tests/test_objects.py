from collections.abc import Callable
from pathlib import Path

from conftest import Person
from photos.models import ObjectLabel
from photos.tests.builders import place_photo
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery


def labelled(owner: Person, **scores: float) -> str:
    photo = place_photo(None, owner.user)
    for name, score in scores.items():
        ObjectLabel.objects.create(original=photo.original, name=name, score=score)
    return photo.s3_path


def test_classes_are_named_the_surest_first_or_none(gallery: Gallery, owner: Person) -> None:
    some, none = labelled(owner, dog=0.6, bus=0.9, person=0.7), labelled(owner)
    images = {some: ["bus", "person", "dog"], none: "None"}
    assert_success(gallery.get("/images/all-image-objects"), 200, {"images": images, "folder_path": ""})
    assert_success(gallery.get("/images/class-ids", path=some), 200, ["bus", "person", "dog"])
    assert_success(gallery.get("/images/class-ids", path=none), 200, {"class_ids": "None"})


def test_the_folder_of_imported_images_is_named(
    gallery: Gallery, imported: Callable[..., str], root: Path
) -> None:
    path = imported("a.png")
    assert gallery.data("/images/all-image-objects") == {"images": {path: "None"}, "folder_path": str(root)}


def test_unknown_paths_and_those_of_others_are_not_found(
    gallery: Gallery, other_gallery: Gallery, nobodys_gallery: Gallery, owner: Person
) -> None:
    path = labelled(owner, dog=0.6)
    for unknown in (path, "/never.png"):
        assert_failure(other_gallery.get("/images/class-ids", path=unknown), 404, "Image not found")
    assert other_gallery.data("/images/all-image-objects") == {"images": {}, "folder_path": ""}
    for address in ("/images/class-ids", "/images/all-image-objects"):
        assert_failure(nobodys_gallery.get(address, path=path), 401, "Unauthorized")


def test_a_missing_path_is_named(gallery: Gallery) -> None:
    assert_failure(gallery.get("/images/class-ids"), 400, "Missing 'path' in payload")
    assert_failure(gallery.get("/images/class-ids", path="a\0"), 400, "Invalid 'path' format")
