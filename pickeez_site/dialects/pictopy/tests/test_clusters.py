from collections.abc import Callable

import pytest

from conftest import Person as SignedIn
from faces.models import Person
from faces.services import recluster
from pickeez_site.dialects.pictopy import wire as views
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

PATH = "/tag/clusters"


def clusters(gallery: Gallery) -> dict[str, list[str]]:
    return gallery.data(PATH)["clusters"]


def test_people_with_two_faces_are_clusters_with_stable_ids(
    gallery: Gallery, owner: SignedIn, imported: Callable[..., str]
) -> None:
    one, both, other = imported("1.png", 0), imported("2.png", 0, 1), imported("3.png", 1)
    imported("alone.png", 2)
    assert sorted(clusters(gallery).values()) == [[one, both], [both, other]]
    before = clusters(gallery)
    third = imported("4.png", 1)
    recluster(owner=owner.user)
    after = clusters(gallery)
    assert set(after) == set(before) == {str(person.pk) for person in Person.objects.all()}
    assert sorted(after.values()) == [[one, both], [both, other, third]]


def test_without_faces_there_are_none(gallery: Gallery, imported: Callable[..., str]) -> None:
    imported("a.png")
    assert_success(gallery.get(PATH), 200, {"clusters": {}})


def test_hidden_people_are_not_shown(gallery: Gallery, imported: Callable[..., str]) -> None:
    imported("a.png", 0)
    imported("b.png", 0)
    Person.objects.update(hidden=True)
    assert clusters(gallery) == {}


def test_a_person_is_in_one_library_only(
    gallery: Gallery,
    other_gallery: Gallery,
    nobodys_gallery: Gallery,
    imported: Callable[..., str],
    put: Callable[..., str],
) -> None:
    imported("a.png", 0)
    other_gallery.post("/images/images", paths=[put("b.png", 0)])
    assert clusters(gallery) == clusters(other_gallery) == {}
    mine = [imported("c.png", 0)]
    assert [path in paths for paths in clusters(gallery).values() for path in mine] == [True]
    assert clusters(other_gallery) == {}
    assert_failure(nobodys_gallery.get(PATH), 401, "Unauthorized")


def test_a_long_list_goes_on_where_an_answer_ended(
    gallery: Gallery, imported: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MAX_ROWS", 4)
    for person in range(3):
        for number in range(2):
            imported(f"{person}-{number}.png", person)
    seen: dict[str, list[str]] = {}
    after: str | None = ""
    while after is not None:
        answer = gallery.get(PATH, after=after).json()
        seen |= answer["data"]["clusters"]
        after = answer.get("next_after")
    assert len(seen) == 3
    assert {len(paths) for paths in seen.values()} == {2}
