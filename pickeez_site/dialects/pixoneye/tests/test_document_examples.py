"""The document's own requests and answers."""

import json
from pathlib import Path

import pytest

from core.tests.answers import Json
from pickeez_site.dialects.pixoneye.tests.customers import Customer

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def example(name: str) -> dict[str, Json]:
    return json.loads((EXAMPLES / f"{name}.json").read_text())


@pytest.fixture
def my_app(db: None) -> Customer:
    return Customer("MyCompany", "MyApp")


@pytest.fixture
def posted(my_app: Customer) -> list[dict[str, Json]]:
    """The document's profiles, posted; as they are answered, which is without its misspelling."""
    profiles = example("profiles-by-device-ids.answer")["profiles"]
    for number, profile in enumerate(profiles):
        answer = my_app.post("post-profile", {**profile, "appID": "MyApp", "appUserID": f"user {number}"})
        assert answer.status_code == 201
    return json.loads(json.dumps(profiles).replace('"unkown"', '"unknown"'))


def without_user_ids(profiles: list[dict[str, Json]]) -> list[dict[str, Json]]:
    return [{name: value for name, value in profile.items() if name != "appUserID"} for profile in profiles]


def test_profiles_by_device_ids(my_app: Customer, posted: list[dict[str, Json]]) -> None:
    answer = my_app.post("profiles-by-device-ids", example("profiles-by-device-ids.request"))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert set(answer.json()) == {"profiles"}
    assert without_user_ids(answer.json()["profiles"]) == posted


def test_profiles_of_everybody(my_app: Customer, posted: list[dict[str, Json]]) -> None:
    answer = my_app.post("profiles-by-device-ids", example("profiles-of-everybody.request"))
    assert answer.status_code == 200
    assert without_user_ids(answer.json()["profiles"]) == posted


def test_the_next_batch_is_asked_for_with_the_scroll_id(my_app: Customer, posted: list[dict[str, Json]]) -> None:
    request = example("profiles-of-everybody.request")
    first = my_app.post("profiles-by-device-ids", {**request, "batchSize": 2}).json()
    rest = my_app.post("profiles-by-device-ids", {**request, "scrollID": first["scrollID"]}).json()
    assert without_user_ids(first["profiles"] + rest["profiles"]) == posted
    assert "scrollID" not in rest


def test_profile_by_app_user_id(my_app: Customer, posted: list[dict[str, Json]]) -> None:
    answer = my_app.get("profile-by-app-user-id/user%200/MyApp")
    assert answer.status_code == 200
    assert answer.json() == {"profile": {**posted[0], "appUserID": "user 0"}}


def test_scanned_images_by_device_id(my_app: Customer, posted: list[dict[str, Json]]) -> None:
    answer = my_app.get(f"scanned-images-by-device-id/{posted[0]['deviceID']}/MyApp")
    assert answer.status_code == 200
    assert answer.json() == {**example("scanned-images-by-device-id.answer"), "count": 0}


@pytest.mark.parametrize(
    "route", ["delete-user-data-by-owner-id/{}/MyCompany", "delete-user-data-by-app-id/{}/MyApp"]
)
def test_deleting_user_data(my_app: Customer, posted: list[dict[str, Json]], route: str) -> None:
    assert my_app.delete(route.format(posted[0]["deviceID"])).status_code == 200
    assert without_user_ids(my_app.everybody().json()["profiles"]) == posted[1:]


def test_post_profile(my_app: Customer) -> None:
    request = example("post-profile.request")
    answer = my_app.post("post-profile", request)
    assert answer.status_code == 201
    known = {name: value for name, value in request.items() if name != "appID"}
    assert answer.json() == {"profile": {**known, "marital-status": "unknown", "age": "unknown"}}
