import pytest

from albums.models import Album
from conftest import Caller, Person


@pytest.mark.parametrize(
    "pic_url",
    [
        "blabla",
        "https://example.org/me.jpg",
        "http://example.org/me.jpg?a=1&b=2#c",
        "HTTPS://EXAMPLE.ORG/",
        "/relative/me.jpg",
        "<script>alert(1)</script>",
        "https://example.org/ümlaut.jpg",
        "x" * 2000,
    ],
)
def test_it_is_stored_as_given(owner: Person, pic_url: str) -> None:
    answer = owner.post("/set_pic_url", {"pic_url": pic_url})
    assert answer.status_code == 200
    assert answer.json()["pic_url"] == pic_url
    assert owner.get("/me").json() == answer.json()


@pytest.mark.parametrize(
    "pic_url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "ftp://example.org/me.jpg",
        "http://[::1",
    ],
)
def test_a_url_of_another_scheme_is_refused(owner: Person, pic_url: str) -> None:
    answer = owner.post("/set_pic_url", {"pic_url": pic_url})
    assert answer.status_code == 400
    assert set(answer.json()) == {"msg"}
    assert owner.get("/me").json()["pic_url"] is None


def test_more_than_2000_characters_are_refused(owner: Person) -> None:
    assert owner.post("/set_pic_url", {"pic_url": "x" * 2001}).status_code == 400


@pytest.mark.parametrize("data", [{}, {"pic_url": ""}])
def test_a_missing_one_is_named(owner: Person, data: dict[str, str]) -> None:
    answer = owner.post("/set_pic_url", data)
    assert (answer.status_code, answer.json()) == (400, {"msg": "Missing parameter: pic_url"})


def test_a_second_one_replaces_the_first_and_only_the_callers(owner: Person, member: Person) -> None:
    for pic_url in ("first", "second"):
        owner.post("/set_pic_url", {"pic_url": pic_url})
    assert owner.get("/me").json()["pic_url"] == "second"
    assert member.get("/me").json()["pic_url"] is None


def test_other_members_see_it(owner: Person, member: Person, album: Album) -> None:
    owner.post("/set_pic_url", {"pic_url": "blabla"})
    users = member.get(f"/albums/{album.pk}").json()["users"]
    assert {user["_id"]: user["pic_url"] for user in users} == {owner.id: "blabla", member.id: None}


def test_nobody_is_refused(db: None, nobody: Caller) -> None:
    assert nobody.post("/set_pic_url", {"pic_url": "blabla"}).status_code == 401
