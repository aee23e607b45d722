"""`/users/algo/pending_model` of users who signed in with Facebook: their pictures come from the Graph."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.models import User
from accounts.services.facebook import sign_in_with_facebook
from accounts.tests.stand_in_graph import DEAD, FB_ID, TOKEN, StandInGraph
from conftest import Caller
from core.tests.answers import Json

pytestmark = pytest.mark.django_db
PASSWORD = "for-the-algorithm"
TAG = {"id": FB_ID, "name": "Facebook's Name", "x": 48.25, "y": 31, "created_time": "2015-03-07T12:00:00+0000"}
OF_A_FRIEND = {"id": "7", "name": "A friend", "x": 10, "y": 20, "created_time": "2015-03-07T12:00:01+0000"}


@pytest.fixture
def graph(settings: Settings) -> Iterator[StandInGraph]:
    with StandInGraph() as stand_in:
        stand_in.set_up(settings)
        yield stand_in


@pytest.fixture
def user(graph: StandInGraph) -> User:
    user, _ = sign_in_with_facebook(access_token=TOKEN)
    return user


@pytest.fixture
def algorithm(settings: Settings, nobody: Caller) -> Caller:
    settings.ALGO_PASSWORD = PASSWORD
    nobody.client.defaults["HTTP_X_ALGO_PASSWORD"] = PASSWORD
    return nobody


def photo(number: int, *tags: dict[str, Json]) -> dict[str, Json]:
    image = {"source": f"https://scontent.fbcdn.net/{number}.jpg", "width": 2000, "height": 1000}
    return {"id": str(number), "images": [image], "tags": {"data": list(tags)}}


def test_of_the_tags_on_a_picture_the_users_own_is_given(
    algorithm: Caller, graph: StandInGraph, user: User
) -> None:
    graph.answers[f"/{FB_ID}/photos"] = {
        "data": [photo(1, OF_A_FRIEND, TAG), photo(2, OF_A_FRIEND), photo(3, {"id": FB_ID})]
    }
    answer = algorithm.get("/users/algo/pending_model").json()
    assert (answer["user_id"], answer["fb_data"]["user_fb_id"]) == (str(user.pk), FB_ID)
    tags = [picture["tag"] for picture in answer["fb_data"]["tagged_pics"]]
    assert tags == [TAG, None, {"id": FB_ID, "name": None, "x": None, "y": None, "created_time": None}]
    assert "A friend" not in str(answer)


def test_a_limit_caps_the_tagged_pictures(algorithm: Caller, graph: StandInGraph, user: User) -> None:
    graph.answers[f"/{FB_ID}/photos"] = {"data": [photo(number, TAG) for number in range(3)]}
    answer = algorithm.get("/users/algo/pending_model", {"limit": 2}).json()
    assert len(answer["fb_data"]["tagged_pics"]) == 2


def test_a_user_whose_token_has_died_gives_no_pictures(algorithm: Caller, graph: StandInGraph, user: User) -> None:
    graph.answers[f"/{FB_ID}/albums"] = graph.answers[f"/{FB_ID}/photos"] = DEAD
    answer = algorithm.get("/users/algo/pending_model").json()
    assert answer["fb_data"] == {"user_fb_id": FB_ID, "profile_pics": [], "tagged_pics": []}


def test_while_the_graph_is_unreachable_the_user_stays_pending(
    algorithm: Caller, graph: StandInGraph, user: User
) -> None:
    graph.answers[f"/{FB_ID}/albums"] = (500, b"")
    assert algorithm.get("/users/algo/pending_model").status_code == 503
    model = algorithm.get("/users/algo/model/get", {"user_id": user.pk}).json()
    assert model == {"model": "empty"}
    del graph.answers[f"/{FB_ID}/albums"]
    assert algorithm.get("/users/algo/pending_model").json()["user_id"] == str(user.pk)
