import pytest

from faces.engine.identities import keep_identities

ALONE = -1


@pytest.mark.parametrize(
    ("clusters", "people", "named", "after"),
    [
        pytest.param([0, 0, 1, 1], [None] * 4, "", [0, 0, 1, 1], id="new people"),
        pytest.param([0, 0, 0], ["A", "A", None], "", ["A", "A", "A"], id="a person grows"),
        pytest.param([0, 0, 0, 1, 1], list("AAAAA"), "", ["A", "A", "A", 1, 1], id="a person splits"),
        pytest.param([0] * 5, list("AAABB"), "", ["A"] * 5, id="two people merge"),
        pytest.param([0] * 5, list("AAABB"), "B", ["B"] * 5, id="a name goes before a larger number of faces"),
        pytest.param([0, 0, 0, 1, 1], list("AAABB"), "B", list("AAABB"), id="nothing changes"),
        pytest.param([0, 0, 0, 1, 1, 1], list("AABBBB"), "B", list("AAABBB"), id="most faces count"),
        pytest.param([ALONE, 0, 0], ["A", "B", "B"], "", ["A", "B", "B"], id="the only face of a person stays"),
        pytest.param([ALONE, ALONE], ["A", "A"], "", [None, None], id="faces that are far apart are nobody's"),
        pytest.param([ALONE, ALONE], ["A", "A"], "A", ["A", "A"], id="but a name is kept"),
        pytest.param([ALONE, 0, 0], ["A", "A", "A"], "A", [None, "A", "A"], id="a face leaves its person"),
        pytest.param([], [], "", [], id="nobody"),
    ],
)
def test_people_go_on_where_most_of_their_faces_are(clusters, people, named, after):
    assert keep_identities(clusters, people, set(named), ALONE) == after
