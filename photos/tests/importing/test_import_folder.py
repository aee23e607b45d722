"""The command, and imports that are interrupted."""

import os
import signal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from accounts.models import User
from conftest import Person, picture
from core.progress import Stopped
from photos.importing import files, folders
from photos.importing.paths import FoundFile
from photos.models import FolderImport, ImportedFile, Original, Photo
from photos.services import remove_dropped_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(7):
        (folder / f"{number}.png").write_bytes(picture(seed=number).getvalue())
    return folder


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("import_folder", *map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue()


def test_a_folder_outside_the_import_roots_is_imported_once(owner: Person, folder: Path) -> None:
    assert run(folder, "--user", owner.id).startswith("7 pictures")
    assert run(folder, "--user", owner.phone).startswith("0 pictures")
    assert Photo.objects.filter(owner=owner.user, album=None).count() == 7
    assert not FolderImport.objects.exists()


@pytest.mark.parametrize(
    ("end", "resumable"), [(KeyboardInterrupt, 0), (Stopped(signal.SIGTERM), 0), (OperationalError, 1)]
)
def test_an_interrupted_import_resumes_without_losing_or_repeating_files(
    owner: Person,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    end: Stopped | type[BaseException],
    resumable: int,
) -> None:
    monkeypatch.setattr(folders, "FILES_AT_ONCE", 2)
    create_rows, calls = files._create, iter(range(100))

    def create(user: User, files: list[FoundFile]) -> list[Original]:
        if next(calls) == 2:
            raise end
        return create_rows(user, files)

    monkeypatch.setattr(files, "_create", create)
    with pytest.raises(type(end) if isinstance(end, Exception) else end):
        run(folder, "--user", owner.id)
    assert Photo.objects.count() == 4
    assert FolderImport.objects.claimable().count() == resumable
    assert run(folder, "--user", owner.id).startswith("3 pictures")
    paths = sorted(str(path) for path in folder.iterdir())
    assert sorted(Photo.objects.values_list("s3_path", flat=True)) == paths
    assert ImportedFile.objects.count() == Original.objects.count() == 7
    remove_dropped_files()


def test_an_import_that_an_operator_deletes_stops(
    owner: Person, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "FILES_AT_ONCE", 2)
    create_rows = files._create

    def create(user: User, files: list[FoundFile]) -> list[Original]:
        FolderImport.objects.all().delete()
        return create_rows(user, files)

    monkeypatch.setattr(files, "_create", create)
    with pytest.raises(CommandError, match="stopped"):
        run(folder, "--user", owner.id)
    assert Photo.objects.count() == 2
    assert not FolderImport.objects.exists()


def test_two_users_import_the_same_folder_each_for_themselves(owner: Person, member: Person, folder: Path) -> None:
    for person in (owner, member):
        assert run(folder, "--user", person.id).startswith("7 pictures")
    assert Photo.objects.count() == 14


@pytest.mark.parametrize("user", ["12025550199", "nobody", "00000000-0000-7000-8000-000000000000", ""])
def test_an_unknown_user_is_refused(db: None, folder: Path, user: str) -> None:
    with pytest.raises(CommandError, match="no user"):
        run(folder, "--user", user)


@pytest.mark.parametrize("name", ["none", "0.png", "pipe"])
def test_a_path_that_is_no_folder_is_refused(owner: Person, folder: Path, name: str) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(CommandError, match="no folder"):
        run(folder / name, "--user", owner.id)


def test_a_folder_that_is_being_imported_is_refused(owner: Person, folder: Path) -> None:
    location = os.fsencode(folder)
    job = FolderImport.objects.create(owner=owner.user, root=location, location=location, name=str(folder))
    assert FolderImport.objects.claimable().claim(job.pk)
    with pytest.raises(CommandError, match="Another process"):
        run(folder, "--user", owner.id)


def test_a_dry_run_counts_what_is_new_and_changes_nothing(owner: Person, folder: Path) -> None:
    assert run(folder, "--user", owner.id, "--dry-run") == "7 pictures would be imported.\n"
    assert [model.objects.count() for model in (Photo, FolderImport, ImportedFile)] == [0, 0, 0]
    run(folder, "--user", owner.id)
    (folder / "new.png").write_bytes(picture(seed=8).getvalue())
    (folder / "notes.txt").write_text("no picture")
    assert run(folder, "--user", owner.id, "--dry-run") == "1 pictures would be imported.\n"
    assert Photo.objects.count() == 7


def test_a_signal_ends_the_import_between_two_batches(
    owner: Person, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "FILES_AT_ONCE", 2)
    create_rows = files._create

    def create(user: User, files: list[FoundFile]) -> list[Original]:
        os.kill(os.getpid(), signal.SIGTERM)
        return create_rows(user, files)

    monkeypatch.setattr(files, "_create", create)
    with pytest.raises(CommandError, match="Finished items are saved") as stopped:
        run(folder, "--user", owner.id)
    assert stopped.value.returncode == 143
    assert Photo.objects.count() == 2
    monkeypatch.setattr(files, "_create", create_rows)
    assert run(folder, "--user", owner.id).startswith("5 pictures")
