"""Reading a user's pictures from Facebook, page by page."""

from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from accounts.facebook import GraphUnavailable, Picture, Tag, TaggedPicture
from accounts.models import User
from accounts.services.facebook import get_facebook_data, profile_pictures, sign_in_with_facebook, tagged_pictures
from accounts.tests.stand_in_graph import DEAD, FB_ID, NOT_ALLOWED, TOKEN, StandInGraph
from core.encryption import encrypt
from core.tests.answers import Json

pytestmark = pytest.mark.django_db
TAGGED = f"/{FB_ID}/photos"


@pytest.fixture
def graph(settings: Settings) -> Iterator[StandInGraph]:
    with StandInGraph() as stand_in:
        stand_in.set_up(settings)
        yield stand_in


@pytest.fixture
def user(graph: StandInGraph) -> User:
    user, _ = sign_in_with_facebook(access_token=TOKEN)
    graph.requests.clear()
    return user


def url_of(number: int | str) -> str:
    return f"https://scontent.fbcdn.net/{number}.jpg"


def photo(number: int, **changes: Json) -> dict[str, Json]:
    images = [
        {"source": url_of(f"{number}-small"), "width": 100, "height": 50},
        {"source": url_of(number), "width": 2000, "height": 1000},
    ]
    return {"id": str(number), "images": images, **changes}


TAGGED_AT = "2015-03-07T12:00:00+0000"


def tags(*tags: tuple[str, float, float]) -> dict[str, Json]:
    return {
        "data": [{"id": fb_id, "name": "N", "x": x, "y": y, "created_time": TAGGED_AT} for fb_id, x, y in tags]
    }


def sources(pictures: list[TaggedPicture]) -> list[str]:
    return [picture.source for picture in pictures]


def paged(graph: StandInGraph, pages: list[Json]) -> Callable[[dict[str, str]], Json]:
    """Serves the pages as the Graph does: each contains the URL of the next one, with a token."""

    def answer(params: dict[str, str]) -> dict[str, Json]:
        number = int(params.get("after", 0))
        page: dict[str, Json] = {"data": pages[number]}
        if number + 1 < len(pages):
            page["paging"] = {"next": f"{graph.url}{TAGGED}?type=tagged&access_token=stale&after={number + 1}"}
        return page

    return answer


def test_tagged_pictures_are_the_largest_with_the_users_own_tag(graph: StandInGraph, user: User) -> None:
    graph.answers[TAGGED] = {"data": [photo(1, tags=tags(("7", 1, 2), (FB_ID, 40.5, 60)))]}
    [picture] = tagged_pictures(user=user, limit=10)
    assert picture == TaggedPicture(url_of(1), 2000, 1000, Tag(FB_ID, "N", 40.5, 60, TAGGED_AT))
    [params] = graph.requests_to(TAGGED)
    assert (params["type"], params["fields"]) == ("tagged", "images,tags.limit(100){id,name,x,y,created_time}")


@pytest.mark.parametrize(
    ("given", "tag"),
    [
        ({}, Tag(FB_ID, None, None, None, None)),
        ({"x": 3, "y": None}, Tag(FB_ID, None, 3, None, None)),
        ({"x": "3", "y": True, "name": 7, "created_time": 1425729600}, Tag(FB_ID, None, None, None, None)),
        ({"id": int(FB_ID), "name": "Eileen", "x": 1.5}, Tag(FB_ID, "Eileen", 1.5, None, None)),
    ],
)
def test_what_the_graph_does_not_give_of_a_tag_is_none(
    graph: StandInGraph, user: User, given: dict[str, Json], tag: Tag
) -> None:
    graph.answers[TAGGED] = {"data": [photo(1, tags={"data": [7, {"name": "no id"}, {"id": FB_ID, **given}]})]}
    [picture] = tagged_pictures(user=user, limit=10)
    assert picture.tag == tag


@pytest.mark.parametrize("tag", [None, [], {"data": None}, tags(("7", 1, 2)), tags((f"{FB_ID}0", 1, 3))])
def test_a_picture_without_the_users_own_tag_has_none(graph: StandInGraph, user: User, tag: Json) -> None:
    graph.answers[TAGGED] = {"data": [photo(1, tags=tag)]}
    [picture] = tagged_pictures(user=user, limit=10)
    assert picture.tag is None


def test_pages_are_read_in_turn_each_with_the_stored_token(graph: StandInGraph, user: User) -> None:
    graph.answers[TAGGED] = paged(graph, [[photo(1), photo(2)], [], [photo(3)]])
    assert sources(tagged_pictures(user=user, limit=10)) == [url_of(1), url_of(2), url_of(3)]
    assert [params["access_token"] for params in graph.requests_to(TAGGED)] == [TOKEN] * 3


def test_reading_stops_at_the_limit(graph: StandInGraph, user: User) -> None:
    graph.answers[TAGGED] = paged(graph, [[photo(1), photo(2)], [photo(3)], [photo(4)]])
    assert sources(tagged_pictures(user=user, limit=3)) == [url_of(1), url_of(2), url_of(3)]
    assert len(graph.requests_to(TAGGED)) == 2


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_of_zero_sends_no_request(graph: StandInGraph, user: User, limit: int) -> None:
    assert tagged_pictures(user=user, limit=limit) == []
    assert graph.requests == []


def test_reading_stops_after_twenty_pages(graph: StandInGraph, user: User) -> None:
    graph.answers[TAGGED] = {"data": [], "paging": {"next": f"{graph.url}{TAGGED}?again=1"}}
    assert tagged_pictures(user=user, limit=10) == []
    assert len(graph.requests_to(TAGGED)) == 20


def test_a_page_on_another_host_is_not_read(graph: StandInGraph, user: User) -> None:
    with StandInGraph() as other:
        for url in (f"{other.url}{TAGGED}", f"{graph.url}@{other.url[7:]}{TAGGED}", "http://[", "file:///etc", 7):
            graph.answers[TAGGED] = {"data": [photo(1)], "paging": {"next": url}}
            assert sources(tagged_pictures(user=user, limit=10)) == [url_of(1)]
        assert other.requests == []


@pytest.mark.parametrize(
    "odd",
    [7, {}, {"images": 7}, {"images": [7]}, {"images": [{"source": 7}]}, {"images": [{"source": "javascript:x"}]}],
)
def test_an_object_without_a_picture_is_ignored(graph: StandInGraph, user: User, odd: Json) -> None:
    graph.answers[TAGGED] = {"data": [odd, photo(1)]}
    assert sources(tagged_pictures(user=user, limit=1)) == [url_of(1)]


def test_a_size_that_is_not_a_number_is_unknown(graph: StandInGraph, user: User) -> None:
    graph.answers[TAGGED] = {"data": [{"images": [{"source": url_of(1), "width": "wide", "height": True}]}]}
    assert tagged_pictures(user=user, limit=1) == [TaggedPicture(url_of(1), None, None, None)]


def test_profile_pictures_are_those_of_the_profile_album(graph: StandInGraph, user: User) -> None:
    graph.answers[f"/{FB_ID}/albums"] = {"data": [{"id": "5", "type": "wall"}, {"id": "6", "type": "profile"}]}
    graph.answers["/6/photos"] = {"data": [photo(1), photo(2)]}
    assert profile_pictures(user=user) == [Picture(url_of(1), 2000, 1000), Picture(url_of(2), 2000, 1000)]


@pytest.mark.parametrize("albums", [{"data": []}, NOT_ALLOWED, {"data": [{"id": "../me", "type": "profile"}]}])
def test_without_a_profile_album_the_profile_picture_is_returned(
    graph: StandInGraph,
    user: User,
    albums: dict[str, list[dict[str, str]]] | tuple[int, dict[str, dict[str, int | str]]],
) -> None:
    graph.answers[f"/{FB_ID}/albums"] = albums
    graph.answers[f"/{FB_ID}/picture"] = {"data": {"url": url_of(9), "width": 200, "height": 200}}
    assert profile_pictures(user=user) == [Picture(url_of(9), 200, 200)]


@pytest.mark.parametrize(
    "picture", [{"data": {"url": url_of(9), "is_silhouette": True}}, {"data": 7}, NOT_ALLOWED]
)
def test_a_user_may_have_no_profile_picture(graph: StandInGraph, user: User, picture: Json) -> None:
    graph.answers[f"/{FB_ID}/picture"] = picture
    assert profile_pictures(user=user) == []


def test_a_missing_permission_keeps_the_token(graph: StandInGraph, user: User) -> None:
    graph.answers[TAGGED] = NOT_ALLOWED
    assert tagged_pictures(user=user, limit=10) == []
    user.refresh_from_db()
    assert user.fb_token


@pytest.mark.parametrize(
    "read", [lambda user: tagged_pictures(user=user, limit=9), lambda user: profile_pictures(user=user)]
)
@pytest.mark.parametrize("answer", [DEAD, (401, {"error": {"message": "Unauthorized"}})])
def test_a_dead_token_returns_nothing_and_is_deleted(
    graph: StandInGraph,
    user: User,
    answer: tuple[int, dict[str, dict[str, int | str]]],
    read: Callable[[User], object],
) -> None:
    graph.answers[TAGGED] = graph.answers[f"/{FB_ID}/albums"] = answer
    assert read(user) == []
    assert user.fb_token == User.objects.get().fb_token == ""
    graph.requests.clear()
    assert read(user) == []
    assert graph.requests == []


def test_a_token_may_die_between_two_calls(graph: StandInGraph, user: User) -> None:
    graph.answers[f"/{FB_ID}/albums"] = {"data": []}
    graph.answers[f"/{FB_ID}/picture"] = DEAD
    assert profile_pictures(user=user) == []
    assert User.objects.get().fb_token == ""


def test_a_newer_token_is_kept_when_the_old_one_is_dead(graph: StandInGraph, user: User) -> None:
    graph.answers[TAGGED] = DEAD
    User.objects.update(fb_token="newer")
    assert tagged_pictures(user=user, limit=9) == []
    assert User.objects.get().fb_token == "newer"


def test_a_token_that_cannot_be_decrypted_is_deleted(graph: StandInGraph, user: User) -> None:
    user.fb_token = encrypt(TOKEN, purpose="for somebody else")
    user.save()
    assert tagged_pictures(user=user, limit=9) == []
    assert User.objects.get().fb_token == ""


@pytest.mark.parametrize("trouble", [(500, b""), (200, b"<html>"), (400, {"error": {"code": 4}})])
def test_an_unavailable_graph_keeps_the_token(
    graph: StandInGraph, user: User, trouble: tuple[int, bytes | dict[str, dict[str, int]]]
) -> None:
    graph.answers[TAGGED] = trouble
    with pytest.raises(GraphUnavailable):
        tagged_pictures(user=user, limit=9)
    assert User.objects.get().fb_token


def test_the_algorithm_gets_the_documents_shape(graph: StandInGraph, user: User) -> None:
    graph.answers[f"/{FB_ID}/picture"] = {"data": {"url": url_of(9), "width": 200, "height": 200}}
    graph.answers[TAGGED] = {"data": [photo(1, tags=tags((FB_ID, 10, 20))), photo(2), photo(3)]}
    own = {"id": FB_ID, "name": "N", "x": 10, "y": 20, "created_time": TAGGED_AT}
    assert get_facebook_data(user=user, limit=2) == {
        "user_fb_id": FB_ID,
        "profile_pics": [{"image": {"source": url_of(9), "width": 200, "height": 200}}],
        "tagged_pics": [
            {"image": {"source": url_of(1), "width": 2000, "height": 1000}, "tag": own},
            {"image": {"source": url_of(2), "width": 2000, "height": 1000}, "tag": None},
        ],
    }


def test_a_user_without_a_token_has_no_pictures(graph: StandInGraph) -> None:
    user = User.objects.create_user(fb_id="42")
    assert get_facebook_data(user=user, limit=9) == {"user_fb_id": "42", "profile_pics": [], "tagged_pics": []}
    assert graph.requests == []
