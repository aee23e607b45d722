from collections.abc import Callable
from pathlib import Path

from django.utils import timezone

from conftest import Person
from photos.models import ObjectLabel, Photo
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


def test_an_image_is_listed_once_it_has_been_looked_at(gallery: Gallery, owner: Person) -> None:
    waiting, failed = (place_photo(None, owner.user, status=status) for status in ("new", "failed"))
    again = place_photo(None, owner.user, status="processing", processed_at=timezone.now())
    assert gallery.images == [waiting.s3_path, failed.s3_path, again.s3_path]
    assert gallery.data("/images/all-image-objects")["images"] == {again.s3_path: "None"}


def test_a_file_name_will_do_where_only_one_image_has_it(
    gallery: Gallery, other_gallery: Gallery, imported: Callable[..., str]
) -> None:
    photo = Photo.objects.get(s3_path=imported("trip/a.png"))
    ObjectLabel.objects.create(original=photo.original, name="bus", score=0.9)
    assert_success(gallery.get("/images/class-ids", path="a.png"), 200, ["bus"])
    assert_success(other_gallery.get("/images/class-ids", path="a.png"), 200, {"class_ids": "None"})
    for part in (".png", "trip", "%", "_.png"):
        assert_success(gallery.get("/images/class-ids", path=part), 200, {"class_ids": "None"})
    imported("tour/a.png")
    assert_failure(gallery.get("/images/class-ids", path="a.png"), 404, "Ambiguous file name")


def test_on_unknown_images_and_those_of_others_there_is_nothing(
    gallery: Gallery, other_gallery: Gallery, nobodys_gallery: Gallery, owner: Person
) -> None:
    path = labelled(owner, dog=0.6)
    for unknown in (path, "/never.png"):
        assert_success(other_gallery.get("/images/class-ids", path=unknown), 200, {"class_ids": "None"})
    assert other_gallery.data("/images/all-image-objects") == {"images": {}, "folder_path": ""}
    for address in ("/images/class-ids", "/images/all-image-objects"):
        assert_failure(nobodys_gallery.get(address, path=path), 401, "Unauthorized")


def test_a_missing_path_is_named(gallery: Gallery) -> None:
    assert_failure(gallery.get("/images/class-ids"), 400, "Missing 'path' in payload")
    assert_failure(gallery.get("/images/class-ids", path="a\0"), 400, "Invalid 'path' format")
