"""POST images: taken by path, all or none."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from albums.models import Album
from conftest import Person, picture
from photos.models import ImportedFile, Original, Photo
from photos.services import trash_photo
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

PATH = "/images/images"


def test_files_are_taken_copied_and_processed(
    gallery: Gallery, put: Callable[..., str], stored: Callable[..., list[str]]
) -> None:
    paths = [put("a.png", 1), put("b.jpg", form="JPEG")]
    before = [(Path(path).read_bytes(), Path(path).stat().st_mtime_ns) for path in paths]
    answer = gallery.post(PATH, paths=paths)
    assert_success(answer, 202, 2)
    assert "background" in answer.json()["message"]
    assert gallery.images == sorted(paths)
    originals = Original.objects.order_by("pk")
    assert [original.status for original in originals] == ["ready", "ready"]
    assert [original.sha256 for original in originals] == [hashlib.sha256(data).hexdigest() for data, _ in before]
    assert {original.key for original in originals} <= set(stored())
    assert [(Path(path).read_bytes(), Path(path).stat().st_mtime_ns) for path in paths] == before


def test_known_files_count_nothing(gallery: Gallery, put: Callable[..., str]) -> None:
    first, second = put("a.png"), put("b.png")
    gallery.post(PATH, paths=[first])
    assert_success(gallery.post(PATH, paths=[first, second, second]), 202, 1)
    assert_success(gallery.post(PATH, paths=[first, second]), 202, 0)
    assert_success(gallery.post(PATH, paths=[]), 202, 0)
    assert gallery.images == [first, second]


def test_the_same_bytes_under_two_names_are_two_images_stored_once(
    gallery: Gallery, put: Callable[..., str], stored: Callable[..., list[str]]
) -> None:
    paths = [put("a.png", seed=1), put("b.png", seed=1)]
    assert_success(gallery.post(PATH, paths=paths), 202, 2)
    assert gallery.images == paths
    assert Original.objects.count() == 1
    assert len([key for key in stored() if key.startswith("originals/")]) == 1
    gallery.delete("/images/delete-image", path=paths[0])
    assert gallery.images == [paths[1]]
    assert Original.objects.count() == 1


def test_a_file_that_has_changed_is_taken_anew_wherever_it_was_placed(
    gallery: Gallery, album: Album, put: Callable[..., str]
) -> None:
    path = put("a.png", seed=1)
    gallery.post(PATH, paths=[path])
    gallery.post("/albums/add-multiple-to-album", album_name="Summer", paths=[path])
    before = Original.objects.get()
    put("a.png", 1, seed=2)
    assert_success(gallery.post(PATH, paths=[path]), 202, 1)
    after = Original.objects.get()
    assert after.sha256 != before.sha256
    assert {photo.original_id for photo in Photo.objects.all()} == {after.pk}
    assert gallery.images == gallery.data("/albums/view-album", album_name="Summer")["photos"] == [path]


def test_a_file_that_was_only_touched_is_known_by_its_checksum(gallery: Gallery, put: Callable[..., str]) -> None:
    path = put("a.png", seed=1)
    gallery.post(PATH, paths=[path])
    os.utime(path, ns=(1, 1))
    assert_success(gallery.post(PATH, paths=[path]), 202, 0)
    assert ImportedFile.objects.get().mtime_ns == 1


def test_a_trashed_image_is_brought_back(gallery: Gallery, put: Callable[..., str]) -> None:
    path = put("a.png")
    gallery.post(PATH, paths=[path])
    trash_photo(photo=Photo.objects.get())
    assert gallery.images == []
    assert_success(gallery.post(PATH, paths=[path]), 202, 1)
    assert gallery.images == [path]


def test_an_erased_image_can_be_taken_again(gallery: Gallery, put: Callable[..., str]) -> None:
    path = put("a.png")
    for _ in range(2):
        assert_success(gallery.post(PATH, paths=[path]), 202, 1)
        gallery.delete("/images/delete-image", path=path)
    assert gallery.images == []


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "AVIF"])
def test_every_type_is_known_by_its_content(gallery: Gallery, put: Callable[..., str], form: str) -> None:
    path = put("picture.without-a-known-ending", form=form)
    assert_success(gallery.post(PATH, paths=[path]), 202, 1)
    assert Original.objects.get().status == "ready"


@pytest.mark.parametrize("content", [b"", b"text", b"<svg/>", b"%PDF-1.4", b"\0" * 100, b"RIFF0000WAVE"])
def test_a_file_that_lies_about_its_type_is_refused_and_with_it_all(
    gallery: Gallery, put: Callable[..., str], root: Path, content: bytes
) -> None:
    (root / "liar.jpg").write_bytes(content)
    answer = gallery.post(PATH, paths=[put("a.png"), str(root / "liar.jpg")])
    assert_failure(answer, 400, "Invalid file type")
    assert not Photo.objects.exists()


def test_a_broken_picture_becomes_a_failed_image_with_a_reason(gallery: Gallery, root: Path) -> None:
    path = root / "broken.png"
    path.write_bytes(picture(1).getvalue()[:40])
    assert_success(gallery.post(PATH, paths=[str(path)]), 202, 1)
    assert gallery.images == [str(path)]
    assert (Original.objects.get().status, bool(Original.objects.get().error)) == ("failed", True)


def test_what_may_not_be_read_and_what_is_not_there_answer_alike(
    gallery: Gallery, put: Callable[..., str], root: Path, tmp_path: Path, settings: Settings
) -> None:
    outside = tmp_path / "outside.png"
    outside.write_bytes(picture().getvalue())
    (root / "link.png").symlink_to(outside)
    (root / "linked").symlink_to(tmp_path)
    (root / "circle").symlink_to(root / "circle")
    os.mkfifo(root / "pipe")
    own = Path(settings.DATA_DIR) / "own.png"
    own.write_bytes(picture().getvalue())
    settings.IMPORT_ROOTS = [root, Path(settings.DATA_DIR).parent / "nowhere"]
    paths = [
        *(str(outside), str(root / "none.png"), f"{root}/../outside.png", str(root / "link.png")),
        *(str(root / "linked/outside.png"), str(root / "circle"), str(root / "pipe"), str(root), "/dev/zero"),
        *("/etc/passwd", "relative.png", "", "~/a.png", f"{root}-other/a.png", "/", "//", str(own)),
        *("/" + "x" * 300, "/" + "x/" * 2000, "file:///etc/passwd", str(root / "pipe/deeper")),
    ]
    good = put("a.png")
    answers = [gallery.post(PATH, paths=[good, path]) for path in paths if path]
    assert {(answer.status_code, answer.content) for answer in answers} == {(400, answers[0].content)}
    assert_failure(answers[0], 400, "Invalid file path")
    assert not Photo.objects.exists()


def test_our_own_data_is_not_imported_through_a_root_around_it(
    gallery: Gallery, root: Path, settings: Settings
) -> None:
    own = Path(settings.DATA_DIR) / "own.png"
    own.write_bytes(picture().getvalue())
    settings.IMPORT_ROOTS = [Path(settings.DATA_DIR).parent]
    assert_failure(gallery.post(PATH, paths=[str(own)]), 400, "Invalid file path")
    settings.IMPORT_ROOTS = [settings.DATA_DIR]
    assert gallery.post(PATH, paths=[str(own)]).status_code == 202


def test_without_roots_nothing_is_read(gallery: Gallery, put: Callable[..., str], settings: Settings) -> None:
    path = put("a.png")
    settings.IMPORT_ROOTS = []
    assert_failure(gallery.post(PATH, paths=[path]), 400, "Invalid file path")


@pytest.mark.parametrize(
    "name", ["with space.png", "new\nline.png", "🐟 ünï.png", "%2e.png", "'\"<b>.png", "..png"]
)
def test_odd_names_are_taken_as_they_are(gallery: Gallery, put: Callable[..., str], name: str) -> None:
    path = put(name)
    assert_success(gallery.post(PATH, paths=[path]), 202, 1)
    assert gallery.images == [path]
    assert_success(gallery.delete("/images/delete-image", path=path), 200, path)


def test_a_link_below_the_root_is_the_file_it_leads_to(
    gallery: Gallery, put: Callable[..., str], root: Path
) -> None:
    path = put("folder/a.png")
    (root / "link.png").symlink_to(path)
    assert_success(gallery.post(PATH, paths=[path, str(root / "link.png")]), 202, 1)
    assert_success(gallery.get("/images/class-ids", path=str(root / "link.png")), 200, {"class_ids": "None"})


def test_a_link_that_leads_elsewhere_now_is_the_new_file(
    gallery: Gallery, put: Callable[..., str], root: Path
) -> None:
    link = root / "link.png"
    link.symlink_to(put("first.png"))
    gallery.post(PATH, paths=[str(link)])
    link.unlink()
    link.symlink_to(put("second.png"))
    assert_success(gallery.post(PATH, paths=[str(link)]), 202, 1)
    assert gallery.images == [str(link)]


@pytest.mark.parametrize("paths", ["text", {"a": 1}, [1], [None], 5, True])
def test_paths_must_be_a_list_of_texts(
    gallery: Gallery, paths: dict[str, int] | int | list[int | None] | str
) -> None:
    assert_failure(gallery.post(PATH, paths=paths), 400, "Invalid 'paths' format")


def test_missing_paths_are_named_and_nobody_is_refused(
    gallery: Gallery, nobodys_gallery: Gallery, put: Callable[..., str]
) -> None:
    assert_failure(gallery.post(PATH), 400, "Missing 'paths' in payload")
    assert_failure(nobodys_gallery.post(PATH, paths=[put("a.png")]), 401, "Unauthorized")


@pytest.mark.parametrize(
    "body", ["[1]", "{", '"text"', "null", '{"paths": NaN}', '{"paths": ["\\ud800"]}', "\xff"]
)
def test_a_body_that_is_no_object_is_refused(gallery: Gallery, owner: Person, body: str) -> None:
    answer = owner.client.post(PATH, body.encode("latin-1"), content_type="application/json")
    assert_failure(answer, 400, answer.json()["error"])


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_body_that_is_no_json_is_refused(gallery: Gallery, owner: Person, content_type: str) -> None:
    answer = owner.client.post(PATH, b"paths=a", content_type=content_type)
    assert_failure(answer, 400, "Invalid payload format")
