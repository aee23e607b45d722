import os
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Person, committing
from core.sweeping import run_sweeps
from photos import tasks
from photos.importing import files, folders
from photos.models import FolderImport, Original, Photo
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

PATH = "/images/add-folder"


def test_pictures_of_a_folder_and_its_sub_folders_are_taken_once(
    gallery: Gallery, put: Callable[..., str], root: Path
) -> None:
    paths = [put("trip/1.png"), put("trip/deep/er/2.jpg", form="JPEG"), put("trip/3")]
    put("elsewhere/4.png")
    (root / "trip/notes.txt").write_text("no picture")
    (root / "trip/liar.png").write_text("no picture")
    folder = str(root / "trip")
    answer = gallery.post(PATH, folder_path=folder)
    assert_success(answer, 200, 3)
    assert gallery.images == sorted(paths)
    assert not Original.objects.exclude(status="ready").exists()
    again = gallery.post(PATH, folder_path=f"{folder}/")
    assert_success(again, 200, 0)
    assert again.json()["message"] != answer.json()["message"]
    put("trip/5.png")
    assert_success(gallery.post(PATH, folder_path=folder), 200, 1)
    assert not FolderImport.objects.exists()


def test_a_known_file_is_neither_opened_nor_read_again(
    gallery: Gallery, put: Callable[..., str], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("a.png")
    gallery.post(PATH, folder_path=str(root))
    monkeypatch.setattr(files, "is_picture", pytest.fail)
    assert_success(gallery.post(PATH, folder_path=str(root)), 200, 0)


def test_odd_names_and_things_that_are_no_files_do_no_harm(
    gallery: Gallery, put: Callable[..., str], root: Path, tmp_path: Path
) -> None:
    names = ["with space.png", "new\nline.png", "🐟.png", "'\"<b>.png"]
    paths = [put(name) for name in names]
    (root / os.fsdecode(b"not-utf8-\xff\xfe.png")).write_bytes((root / names[0]).read_bytes() + b"more")
    os.mkfifo(root / "pipe.png")
    (root / "device.png").symlink_to("/dev/zero")
    (root / "circle").symlink_to(root)
    (root / "dangling.png").symlink_to("nowhere")
    (tmp_path / "secret.png").write_bytes((root / names[0]).read_bytes())
    (root / "leaves.png").symlink_to(tmp_path / "secret.png")
    (root / "leaving").symlink_to(tmp_path)
    (root / "stays.png").symlink_to(root / names[0])
    assert_success(gallery.post(PATH, folder_path=str(root)), 200, 5)
    escaped = f"{root}/not-utf8-\\xff\\xfe.png"
    shown = set(gallery.images)
    assert escaped in shown
    assert len(shown) == 5
    assert shown - {escaped} <= {*paths, str(root / "stays.png")}
    assert not Original.objects.exclude(status="ready").exists()
    assert_success(gallery.get("/images/class-ids", path=escaped), 200, {"class_ids": "None"})


def test_an_unreadable_sub_folder_is_left_out(
    gallery: Gallery, put: Callable[..., str], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put("a.png")
    put("closed/b.png")
    really = os.scandir

    def scandir(descriptor: int | str) -> object:
        if isinstance(descriptor, int) and Path(f"/proc/self/fd/{descriptor}").readlink().name == "closed":
            raise PermissionError
        return really(descriptor)

    monkeypatch.setattr("photos.importing.walking.os.scandir", scandir)
    assert_success(gallery.post(PATH, folder_path=str(root)), 200, 1)
    assert gallery.images == [path]


def test_what_is_no_folder_below_a_root_answers_alike(
    gallery: Gallery, put: Callable[..., str], root: Path, tmp_path: Path
) -> None:
    file = put("a.png")
    (root / "linked").symlink_to(tmp_path)
    paths = [
        str(tmp_path),
        file,
        str(root / "none"),
        f"{root}/..",
        str(root / "linked"),
        "/",
        "/dev",
        "relative",
        ".",
    ]
    answers = [gallery.post(PATH, folder_path=path) for path in paths]
    assert {(answer.status_code, answer.content) for answer in answers} == {(400, answers[0].content)}
    assert_failure(answers[0], 400, "Invalid file path")
    assert not FolderImport.objects.exists()


def test_a_folder_too_large_for_one_request_is_gone_on_with(
    gallery: Gallery, put: Callable[..., str], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "REQUEST_SECONDS", 0)
    monkeypatch.setattr(folders, "FILES_AT_ONCE", 2)
    paths = [put(f"{number}.png") for number in range(5)]
    answer = gallery.post(PATH, folder_path=str(root))
    assert_success(answer, 200, 2)
    assert "rest" in answer.json()["message"]
    assert len(gallery.images) == 2
    with committing():
        tasks.continue_folders()
    assert gallery.images == paths
    assert not FolderImport.objects.exists()


def test_of_a_large_folder_only_the_first_are_sent_to_the_worker_and_the_sweep_finds_the_rest(
    gallery: Gallery, put: Callable[..., str], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "MAX_ANNOUNCED", 2)
    for number in range(5):
        put(f"{number}.png")
    gallery.post(PATH, folder_path=str(root))
    assert Original.objects.filter(status="ready").count() == 2
    run_sweeps()
    assert Original.objects.filter(status="ready").count() == 5


def test_a_folder_that_somebody_is_at_is_not_taken_twice(
    gallery: Gallery, put: Callable[..., str], root: Path, owner: Person
) -> None:
    put("a.png")
    location = os.fsencode(root)
    job = FolderImport.objects.create(owner=owner.user, root=location, location=location, name=str(root))
    assert FolderImport.objects.claimable().claim(job.pk)
    assert gallery.post(PATH, folder_path=str(root)).json()["data"] == 0
    assert not Photo.objects.exists()


def test_a_missing_folder_is_named_and_nobody_is_refused(
    gallery: Gallery, nobodys_gallery: Gallery, root: Path
) -> None:
    assert_failure(gallery.post(PATH), 400, "Missing 'folder_path' in payload")
    assert_failure(gallery.post(PATH, folder_path=1), 400, "Invalid 'folder_path' format")
    assert_failure(nobodys_gallery.post(PATH, folder_path=str(root)), 401, "Unauthorized")
