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
def test_people_go_on_where_most_of_their_faces_are(
    clusters: list[int], people: list[str | None], named: str, after: list[int | str | None]
) -> None:
    assert keep_identities(clusters, people, set(named), ALONE) == after


@pytest.mark.parametrize(
    ("clusters", "people", "pinned", "after"),
    [
        pytest.param([0, 0, 1, 1], list("AAAA"), [1, 1, 1, 1], list("AAAA"), id="two clusters of one person"),
        pytest.param([0, 0, 1, 1], ["A", None, "A", None], [1, 0, 1, 0], list("AAAA"), id="others come along"),
        pytest.param([0] * 4, list("ABBB"), [1, 0, 0, 0], list("AAAA"), id="one decision goes before many faces"),
        pytest.param([ALONE, ALONE], ["A", "A"], [1, 0], ["A", None], id="a pinned face stays, alone"),
        pytest.param([0, 1, 1], list("AAA"), [1, 0, 0], ["A", 1, 1], id="what was not decided may leave"),
        pytest.param([0, 1, 1], list("ABB"), [1, 0, 0], list("ABB"), id="others go on as they do"),
    ],
)
def test_pinned_faces_stay_whose_they_are(
    clusters: list[int], people: list[str | None], pinned: list[int], after: list[int | str | None]
) -> None:
    assert keep_identities(clusters, people, set(), ALONE, [bool(pin) for pin in pinned]) == after
