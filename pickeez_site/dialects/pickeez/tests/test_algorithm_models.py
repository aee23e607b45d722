import itertools
import json
from collections.abc import Callable

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from albums.models import Album
from conftest import Caller, MakePicture, Person
from core.tests.answers import Answer, Json
from faces.models import FaceModel
from pickeez_site.dialects.pickeez.tests.shapes import NOT_FOUND, assert_refused, status_of

PASSWORD = "for-the-algorithm"
ROUTES = [
    ("get", "/albums/algo/get_pending"),
    ("get", "/albums/algo/all_pending"),
    ("get", "/albums/algo/set_all_as_pending"),
    ("get", "/albums/algo/remove_pending"),
    ("post", "/photos/algo/set"),
    ("get", "/users/algo/pending_model"),
    ("get", "/users/algo/model/make_all_pending"),
    ("get", "/users/algo/model/get"),
    ("post", "/users/algo/model/set"),
]


def model_of(algorithm: Caller, person: Person) -> Json:
    return algorithm.get("/users/algo/model/get", {"user_id": person.id}).json()["model"]


@pytest.fixture
def algorithm(settings: Settings, nobody: Caller) -> Caller:
    """The algorithm's caller, who sends the right password along."""
    settings.ALGO_PASSWORD = PASSWORD
    nobody.client.defaults["HTTP_X_ALGO_PASSWORD"] = PASSWORD
    return nobody


@pytest.mark.parametrize(
    ("configured", "sent"),
    [
        (PASSWORD, {}),
        (PASSWORD, {"password": ""}),
        (PASSWORD, {"password": "wrong"}),
        (PASSWORD, {"password": PASSWORD + "x"}),
        (PASSWORD, {"password": "pässwört"}),
        ("", {}),
        ("", {"password": ""}),
        ("", {"password": PASSWORD}),
    ],
)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_the_right_password_every_route_is_shut(
    settings: Settings, db: None, nobody: Caller, method: str, path: str, configured: str, sent: dict[str, str]
) -> None:
    settings.ALGO_PASSWORD = configured
    answer = getattr(nobody, method)(path, sent)
    assert (answer.status_code, answer.json()) == (401, {"msg": "wrong password."})


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_users_token_opens_none_of_them(settings: Settings, owner: Person, method: str, path: str) -> None:
    settings.ALGO_PASSWORD = PASSWORD
    assert getattr(owner, method)(path).status_code == 401


@pytest.mark.parametrize(
    "send",
    [
        lambda nobody, path: nobody.get(path, {"password": PASSWORD}),
        lambda nobody, path: nobody.post(path, {"password": PASSWORD}),
        lambda nobody, path: nobody.post_json(path, {"password": PASSWORD}),
        lambda nobody, path: nobody.post(f"{path}?password={PASSWORD}"),
        lambda nobody, path: nobody.get(path, headers={"X-Algo-Password": PASSWORD}),
        lambda nobody, path: nobody.post(f"{path}/", headers={"X-Algo-Password": PASSWORD}),
    ],
)
def test_the_password_is_taken_in_every_place(
    settings: Settings, db: None, nobody: Caller, send: Callable[..., Answer]
) -> None:
    settings.ALGO_PASSWORD = PASSWORD
    assert send(nobody, "/albums/algo/set_all_as_pending").status_code == 200


@pytest.mark.parametrize(
    "path", ["/albums/algo", "/users/algo", "/me/algo", "/algo/me", "/photos/algo", "/albums/mine/algo"]
)
def test_algo_in_a_path_opens_nothing_else(settings: Settings, db: None, nobody: Caller, path: str) -> None:
    settings.ALGO_PASSWORD = PASSWORD
    assert nobody.get(path, {"password": PASSWORD}).status_code in (401, 404, 405)


def test_every_user_is_handed_out_once(algorithm: Caller, owner: Person, member: Person, stranger: Person) -> None:
    answers = [algorithm.get("/users/algo/pending_model").json() for _ in range(3)]
    assert {answer["user_id"] for answer in answers} == {owner.id, member.id, stranger.id}
    assert algorithm.get("/users/algo/pending_model").json() == {"msg": "empty"}


def test_who_has_no_facebook_gives_picture_and_selfies(
    algorithm: Caller, owner: Person, make_picture: MakePicture
) -> None:
    owner.post("/set_pic_url", {"pic_url": "https://example.org/me.jpg"})
    owner.post("/me/selfie", {"file": make_picture(0)})
    answer = algorithm.get("/users/algo/pending_model").json()
    assert set(answer) == {"user_id", "fb_data"}
    assert set(answer["fb_data"]) == {"user_fb_id", "profile_pics", "tagged_pics"}
    assert (answer["fb_data"]["user_fb_id"], answer["fb_data"]["tagged_pics"]) == (None, [])
    pictures = [picture["image"] for picture in answer["fb_data"]["profile_pics"]]
    assert [set(picture) for picture in pictures] == [{"source", "width", "height"}] * 2
    assert pictures[0]["source"] == "https://example.org/me.jpg"
    assert status_of(algorithm, pictures[1]["source"]) == 200


def test_a_forced_user_is_handed_out_and_nothing_is_marked(algorithm: Caller, owner: Person) -> None:
    for _ in range(2):
        answer = algorithm.get("/users/algo/pending_model", {"forced_user_id": owner.id})
        assert answer.json()["user_id"] == owner.id
    assert algorithm.get("/users/algo/pending_model").json()["user_id"] == owner.id


def test_a_model_that_was_set_is_not_pending(algorithm: Caller, owner: Person) -> None:
    algorithm.post("/users/algo/model/set", {"user_id": owner.id, "model": "{}"})
    assert algorithm.get("/users/algo/pending_model").json() == {"msg": "empty"}


def test_all_can_be_made_pending_again_and_are_empty_then(
    algorithm: Caller, owner: Person, member: Person
) -> None:
    algorithm.post("/users/algo/model/set", {"user_id": owner.id, "model": '{"a": 1}'})
    algorithm.get("/users/algo/pending_model")
    answer = algorithm.get("/users/algo/model/make_all_pending").json()
    assert (set(answer), answer["pending_count"]) == ({"msg", "pending_count"}, 2)
    assert [model_of(algorithm, person) for person in (owner, member)] == ["empty", "empty"]
    taken = {algorithm.get("/users/algo/pending_model").json()["user_id"] for _ in range(2)}
    assert taken == {owner.id, member.id}


def test_a_user_without_a_model_has_the_model_empty(algorithm: Caller, owner: Person) -> None:
    for name in ("user_id", "forced_user_id"):
        assert algorithm.get("/users/algo/model/get", {name: owner.id}).json() == {"model": "empty"}


def test_a_model_that_is_being_made_is_the_time_at_which_its_user_was_handed_out(
    algorithm: Caller, owner: Person, member: Person
) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        algorithm.get("/users/algo/pending_model")
    assert model_of(algorithm, owner) == {"retrieved_at": now.isoformat().replace("+00:00", "Z")}
    assert model_of(algorithm, member) == "empty", "nobody else's has changed"
    algorithm.get("/users/algo/pending_model", {"forced_user_id": member.id})
    assert model_of(algorithm, member) == "empty", "a forced user is not marked"
    algorithm.post_json("/users/algo/model/set", {"user_id": owner.id, "model": {"nose": 3}})
    assert model_of(algorithm, owner) == {"nose": 3}


def test_a_model_that_was_set_before_it_was_taken_anew_is_not_shown_as_the_new_one(
    algorithm: Caller, owner: Person
) -> None:
    FaceModel.objects.create(user=owner.user, model={"of": "an older version"})  # pending, and not emptied yet
    assert model_of(algorithm, owner) == "empty"
    algorithm.get("/users/algo/pending_model")
    assert set(model_of(algorithm, owner)) == {"retrieved_at"}


@pytest.mark.parametrize(
    "send",
    [
        lambda caller, path, user: caller.post_json(path, {"user_id": user, "model": "empty"}),
        lambda caller, path, user: caller.post(path, {"user_id": user, "model": "empty"}),
        lambda caller, path, user: caller.post(path, {"user_id": user, "model": '"empty"'}),
        lambda caller, path, user: caller.post(f"{path}?user_id={user}&model=empty"),
        lambda caller, path, user: caller.post(f"{path}?user_id={user}&model=%22empty%22"),
    ],
)
def test_empty_makes_the_user_pending_again(
    algorithm: Caller, owner: Person, member: Person, send: Callable[..., Answer]
) -> None:
    for _ in range(2):
        algorithm.get("/users/algo/pending_model")
    algorithm.post("/users/algo/model/set", {"user_id": owner.id, "model": "{}"})
    for _ in range(2):
        answer = send(algorithm, "/users/algo/model/set", owner.id)
        assert (answer.status_code, answer.json()) == (200, {"msg": "ok"})
    assert model_of(algorithm, owner) == "empty"
    assert algorithm.get("/users/algo/pending_model").json()["user_id"] == owner.id
    assert algorithm.get("/users/algo/pending_model").json() == {"msg": "empty"}


@pytest.mark.parametrize("model", ["Empty", "emptyy", "none", "nothing"])
def test_no_other_word_is_json(algorithm: Caller, owner: Person, model: str) -> None:
    assert_refused(algorithm.post("/users/algo/model/set", {"user_id": owner.id, "model": model}), 400)
    assert not FaceModel.objects.exists()


def test_the_states_of_a_model_are_nobody_elses_to_see_or_change(
    settings: Settings, owner: Person, member: Person, nobody: Caller
) -> None:
    settings.ALGO_PASSWORD = PASSWORD
    for caller in (owner, member, nobody):
        for answer in (
            caller.get("/users/algo/model/get", {"user_id": owner.id}),
            caller.post("/users/algo/model/set", {"user_id": owner.id, "model": "empty"}),
        ):
            assert (answer.status_code, answer.json()) == (401, {"msg": "wrong password."})


@pytest.mark.parametrize("model", [{"weights": [1, 2.5]}, [1, 2], "text", 7, 0, False, "", {}, []])
@pytest.mark.parametrize("as_form", [False, True])
def test_a_model_is_any_json_and_is_given_back(
    algorithm: Caller, owner: Person, model: dict[str, list[float]] | int | list[int] | str, as_form: bool
) -> None:
    sent = json.dumps(model) if as_form else model
    send = algorithm.post if as_form else algorithm.post_json
    for _ in range(2):
        answer = send("/users/algo/model/set", {"user_id": owner.id, "model": sent})
        assert (answer.status_code, answer.json()) == (200, {"msg": "ok"})
    assert algorithm.get("/users/algo/model/get", {"user_id": owner.id, "limit": 5}).json() == {"model": model}


@pytest.mark.parametrize("model", ["{", "NaN", "[1", '"\\u0000"', "[" * 3000 + "]" * 3000])
def test_what_is_no_json_is_no_model(algorithm: Caller, owner: Person, model: str) -> None:
    assert_refused(algorithm.post("/users/algo/model/set", {"user_id": owner.id, "model": model}), 400)
    assert not FaceModel.objects.exists()


def test_user_and_model_are_required(algorithm: Caller, owner: Person) -> None:
    path = "/users/algo/model/set"
    assert_refused(algorithm.post(path, {"model": "{}"}), 400, "Missing parameter: user_id")
    assert_refused(algorithm.post(path, {"user_id": owner.id}), 400, "Missing parameter: model")
    assert_refused(algorithm.get("/users/algo/model/get"), 400, "Missing parameter: user_id")


@pytest.mark.parametrize(
    ("route", "user_id"),
    list(
        itertools.product(["get", "set", "forced"], ["123", "01a201c0-0000-7000-8000-000000000000", "x' OR 1=1"])
    ),
)
def test_an_unknown_user_is_not_found(algorithm: Caller, owner: Person, route: str, user_id: str) -> None:
    answer = {
        "get": lambda: algorithm.get("/users/algo/model/get", {"user_id": user_id}),
        "set": lambda: algorithm.post("/users/algo/model/set", {"user_id": user_id, "model": "{}"}),
        "forced": lambda: algorithm.get("/users/algo/pending_model", {"forced_user_id": user_id}),
    }[route]()
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_that_is_none_is_refused(algorithm: Caller, owner: Person, limit: str) -> None:
    assert_refused(algorithm.get("/users/algo/pending_model", {"limit": limit}), 400)
    assert not FaceModel.objects.exclude(taken_at=None).exists()


def test_no_model_shows_in_what_users_see(algorithm: Caller, owner: Person, album: Album) -> None:
    algorithm.post_json("/users/algo/model/set", {"user_id": owner.id, "model": {"secret-model": 1}})
    for path in ("/me", f"/albums/{album.pk}", "/albums/mine"):
        assert b"secret-model" not in owner.get(path).content
