from collections.abc import Callable

import pytest

from photos.models import Original
from pickeez_site.dialects.pictopy import wire as views
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

PATH = "/tag/related-images"


def test_images_that_show_somebody_who_is_in_this_one_are_related(
    gallery: Gallery, imported: Callable[..., str]
) -> None:
    both, first, second = imported("both.png", 0, 1), imported("first.png", 0), imported("second.png", 1)
    imported("third.png", 2)
    assert_success(gallery.get(PATH, path=both), 200, {"related_images": [first, second]})
    assert_success(gallery.get(PATH, path=first), 200, {"related_images": [both]})
    key = Original.objects.get(photos__s3_path=first).key
    assert_success(gallery.get(PATH, path=key), 200, {"related_images": [both]})


def test_without_faces_or_others_the_list_is_empty(gallery: Gallery, imported: Callable[..., str]) -> None:
    for path in (imported("nobody.png"), imported("alone.png", 3)):
        assert_success(gallery.get(PATH, path=path), 200, {"related_images": []})


def test_a_long_list_goes_on_where_an_answer_ended(
    gallery: Gallery, imported: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MAX_ROWS", 2)
    paths = [imported(f"{number}.png", 0) for number in range(6)]
    seen: list[object] = []
    after: str | None = ""
    while after is not None:
        answer = gallery.get(PATH, path=paths[2], after=after).json()
        seen += answer["data"]["related_images"]
        after = answer.get("next_after")
    assert seen == paths[:2] + paths[3:]


def test_unknown_paths_and_those_of_others_are_not_found(
    gallery: Gallery, other_gallery: Gallery, nobodys_gallery: Gallery, imported: Callable[..., str]
) -> None:
    path = imported("a.png", 0)
    for unknown in (path, "/never.png"):
        assert_failure(other_gallery.get(PATH, path=unknown), 404, "Image not found")
    assert_failure(nobodys_gallery.get(PATH, path=path), 401, "Unauthorized")
    assert_failure(gallery.get(PATH), 400, "Missing 'path' in payload")
