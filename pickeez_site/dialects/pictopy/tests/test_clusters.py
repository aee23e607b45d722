from faces.models import Person
from faces.services import recluster
from pickeez_site.dialects.pictopy import tags as views
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success

PATH = "/tag/clusters"


def clusters(gallery) -> dict[str, list[str]]:
    return gallery.data(PATH)["clusters"]


def test_people_with_two_faces_are_clusters_with_stable_ids(gallery, owner, imported):
    one, both, other = imported("1.png", 0), imported("2.png", 0, 1), imported("3.png", 1)
    imported("alone.png", 2)
    assert sorted(clusters(gallery).values()) == [[one, both], [both, other]]
    before = clusters(gallery)
    third = imported("4.png", 1)
    recluster(owner=owner.user)
    after = clusters(gallery)
    assert set(after) == set(before) == {str(person.pk) for person in Person.objects.all()}
    assert sorted(after.values()) == [[one, both], [both, other, third]]


def test_without_faces_there_are_none(gallery, imported):
    imported("a.png")
    assert_success(gallery.get(PATH), 200, {"clusters": {}})


def test_hidden_people_are_not_shown(gallery, imported):
    imported("a.png", 0)
    imported("b.png", 0)
    Person.objects.update(hidden=True)
    assert clusters(gallery) == {}


def test_a_person_is_in_one_library_only(gallery, other_gallery, nobodys_gallery, imported, put):
    imported("a.png", 0)
    other_gallery.post("/images/images", paths=[put("b.png", 0)])
    assert clusters(gallery) == clusters(other_gallery) == {}
    mine = [imported("c.png", 0)]
    assert [path in paths for paths in clusters(gallery).values() for path in mine] == [True]
    assert clusters(other_gallery) == {}
    assert_failure(nobodys_gallery.get(PATH), 401, "Unauthorized")


def test_a_long_list_goes_on_where_an_answer_ended(gallery, imported, monkeypatch):
    monkeypatch.setattr(views, "MAX_ROWS", 4)
    for person in range(3):
        for number in range(2):
            imported(f"{person}-{number}.png", person)
    seen, after = {}, ""
    while after is not None:
        answer = gallery.get(PATH, after=after).json()
        seen |= answer["data"]["clusters"]
        after = answer.get("next_after")
    assert len(seen) == 3
    assert {len(paths) for paths in seen.values()} == {2}
