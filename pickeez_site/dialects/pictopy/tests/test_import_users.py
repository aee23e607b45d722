"""Files on the server's disk are for the local library's user, and for whom the operator names."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from conftest import Person
from photos.models import Photo
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

HERE = {"host": "127.0.0.1:8000"}


def requests_for(file: str, folder: str) -> list[tuple[str, dict[str, object]]]:
    return [
        ("/images/images", {"paths": [file]}),
        ("/images/images", {"paths": []}),
        ("/images/add-folder", {"folder_path": folder}),
        ("/images/generate-thumbnails", {"folder_path": folder}),
    ]


@pytest.mark.parametrize("name", ["id", "phone"])
def test_a_named_user_may_import(
    gallery: Gallery, owner: Person, put: Callable[..., str], settings: Settings, name: str
) -> None:
    settings.IMPORT_USERS = ["12025550199", getattr(owner, name)]
    assert gallery.post("/images/images", paths=[put("a.png")]).status_code == 202


def test_the_local_librarys_user_may_import_also_with_a_token(
    gallery: Gallery, owner: Person, put: Callable[..., str], settings: Settings
) -> None:
    settings.IMPORT_USERS, settings.LOCAL_LIBRARY_USER = [], f"+{owner.phone}"
    assert gallery.post("/images/images", paths=[put("a.png")]).status_code == 202


def test_to_others_no_path_exists(
    member_gallery: Gallery, nobodys_gallery: Gallery, put: Callable[..., str], root: Path
) -> None:
    there, missing = requests_for(put("a.png"), str(root)), requests_for("/no/where.png", "/no/where")
    answers = [member_gallery.post(path, **body) for path, body in there + missing]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert_failure(answers[0], 403, "Forbidden")
    assert_failure(member_gallery.post("/images/add-folder"), 400, "Missing 'folder_path' in payload")
    for path, body in there:
        assert_failure(nobodys_gallery.post(path, **body), 401, "Unauthorized")
    assert not Photo.objects.exists()


def test_a_phone_that_was_not_verified_names_nobody(
    member_gallery: Gallery, member: Person, put: Callable[..., str], settings: Settings
) -> None:
    member.post("/set_phone", {"phone": "12025550199"})
    settings.IMPORT_USERS = ["12025550199"]
    assert_failure(member_gallery.post("/images/images", paths=[put("a.png")]), 403, "Forbidden")
    settings.IMPORT_USERS = [member.phone]
    assert member_gallery.post("/images/images", paths=[put("a.png")]).status_code == 202


def test_nobody_may_when_nobody_is_named(gallery: Gallery, put: Callable[..., str], settings: Settings) -> None:
    settings.IMPORT_USERS = []
    assert_failure(gallery.post("/images/images", paths=[put("a.png")]), 403, "Forbidden")
