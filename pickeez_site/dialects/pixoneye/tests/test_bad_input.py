"""What is wrong is 4xx, and the answer names the member."""

import json
from urllib.parse import quote

import pytest
from pytest_django import Settings

from conftest import Person
from core.tests.answers import Answer, Json
from pickeez_site.dialects.pixoneye.tests.customers import Customer
from profiles.models import Device

WRONG_TYPES: list[object] = [None, 0, 1.5, True, [], {}, [[]], [None]]
CHOICES = {
    "gender": "male",
    "marital-status": "single",
    "parental-status": "with children",
    "age": "under 25",
}
LISTS = {"transportation": "car", "pets": "dog", "sports": "active", "life-events": "about to travel"}
CONTROL = ["\0", "a\nb", "\t", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff"]
ROUTES = ["profiles-by-device-ids", "post-profile", "consent"]


def error(answer: Answer, status: int = 400) -> str:
    assert answer.status_code == status, answer.content
    assert set(answer.json()) == {"error"}
    assert not Device.objects.exists()
    return answer.json()["error"]


@pytest.mark.parametrize(("name", "word"), CHOICES.items())
def test_a_choice_is_exactly_one_of_its_words(shop: Customer, name: str, word: str) -> None:
    wrong = [
        *WRONG_TYPES,
        "",
        "other",
        word.upper(),
        word.title(),
        f" {word}",
        f"{word} ",
        [word],
        "unknown\0",
        "x" * 100_000,
    ]
    for value in wrong:
        message = error(shop.post_profile("d", **{name: value}))
        assert message.startswith(f"{name} must be one of ")
        assert f'"{word}"' in message
        assert len(message) < 200


@pytest.mark.parametrize(("name", "word"), LISTS.items())
def test_a_list_of_choices_holds_nothing_else(shop: Customer, name: str, word: str) -> None:
    wrong: list[Json] = [
        None,
        0,
        True,
        {},
        word,
        [word, "other"],
        [word.upper()],
        [[word]],
        [None],
        ["unkown"],
        ["unknown"],
        {word: 1},
    ]
    for value in wrong:
        assert error(shop.post_profile("d", **{name: value})).startswith(f"{name} must be a list of ")


@pytest.mark.parametrize("name", ["country", "city"])
def test_a_place_is_printable_text(shop: Customer, name: str) -> None:
    for value in [*WRONG_TYPES, "x" * 201, *CONTROL]:
        assert error(shop.post_profile("d", **{name: value})).startswith(f"{name} must be text of at most 200 ")


@pytest.mark.parametrize("name", ["country-vacations", "city-vacations"])
def test_places_are_a_list_of_printable_texts(shop: Customer, name: str) -> None:
    wrong: list[Json] = [
        None,
        0,
        True,
        {},
        "Rome",
        [1],
        ["Rome", None],
        [["Rome"]],
        ["x" * 201],
        ["a"] * 501,
        *([c] for c in CONTROL),
    ]
    for value in wrong:
        assert error(shop.post_profile("d", **{name: value})).startswith(f"{name} must be a list of at most 500 ")


@pytest.mark.parametrize("value", [*WRONG_TYPES, "", "x" * 129, *CONTROL])
def test_ids_are_1_to_128_printable_characters(shop: Customer, value: Json) -> None:
    allowed = "must be 1 to 128 printable characters."
    assert error(shop.post_profile(value)) == f"deviceID {allowed}"
    assert error(shop.post_profile("d", appUserID=value)) == f"appUserID {allowed}"
    body = {"deviceIDs": ["fine", value], "appID": "Shop"}
    assert error(shop.post("profiles-by-device-ids", body)) == f"deviceIDs[1] {allowed}"


@pytest.mark.parametrize("value", [*WRONG_TYPES, "", "x" * 65, "a b", "a/b", "ü", "Shop\n", "Shop\0", "*"])
def test_an_app_id_is_of_few_characters(shop: Customer, value: Json) -> None:
    bodies: list[tuple[str, dict[str, Json]]] = [
        ("post-profile", {"deviceID": "d"}),
        ("profiles-by-device-ids", {"deviceIDs": "*"}),
        ("profiles-by-device-ids", {"deviceIDs": []}),
    ]
    for route, body in bodies:
        assert error(shop.post(route, {**body, "appID": value})).startswith("appID must be 1 to 64 ")


@pytest.mark.parametrize("value", [None, 0, True, {}, "", "d", "**", " *", {"*": 1}])
def test_device_ids_are_a_list_or_an_asterisk(shop: Customer, value: dict[str, int] | int | str | None) -> None:
    body = {"deviceIDs": value, "appID": "Shop"}
    assert error(shop.post("profiles-by-device-ids", body)).startswith(
        'deviceIDs must be "*" or a list of at most '
    )


@pytest.mark.parametrize("value", [None, True, "10", 1.5, 0, -1, 10_001, 10**30, [], {}])
def test_a_batch_size_is_from_1_to_10000(shop: Customer, value: Json) -> None:
    assert error(shop.everybody(batchSize=value)) == "batchSize must be a whole number from 1 to 10000."


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("profiles-by-device-ids", {"deviceIDs": "*", "appID": "Shop"}),
        ("post-profile", {"deviceID": "d", "appID": "Shop"}),
        ("consent", {"deviceID": "d", "appID": "Shop", "consent": True}),
    ],
)
def test_every_required_member_is_missed_and_every_unknown_one_named(
    shop: Customer, owner: Person, route: str, body: dict[str, object]
) -> None:
    headers = {"authorization": f"Bearer {owner.token}"}
    for name in body:
        rest = {other: value for other, value in body.items() if other != name}
        assert error(shop.post(route, rest, headers=headers)) == f"{name} is missing."
    for unknown in ["more", "", "gender ", "appid", "marital_status", "ü\0", "x" * 100_000]:
        message = error(shop.post(route, {**body, unknown: {"deep": []}}, headers=headers))
        assert message.startswith(json.dumps(unknown[:100])[:-1])
        assert "is not a member of this request" in message
        assert len(message) < 600


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"x"', b"1", b"NaN", b'{"a": NaN}', b'{"a": Infinity}', b"\xff", b'{"\xff": 1}',
        b'{"deviceID": "\\ud800"}', b"[" * 100_000, b'{"a":' * 100_000, b'{"a": 1' + b"0" * 5000 + b"}", b"{}{}", b"\xef\xbb\xbf{}",
    ],
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_refused(shop: Customer, owner: Person, route: str, body: bytes) -> None:
    error(shop.post(route, body, headers={"authorization": f"Bearer {owner.token}"}))


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=b", "x"]
)
def test_a_body_of_another_type_is_refused(shop: Customer, content_type: str) -> None:
    answer = shop.client.post(
        "/v1/users/post-profile", b'{"appID": "Shop", "deviceID": "d"}', content_type=content_type
    )
    assert answer.status_code in (400, 415)
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize(
    "route", ["profile-by-app-user-id/{}/Shop", "scanned-images-by-device-id/{}/Shop", "delete-user-data-by-app-id/{}/Shop", "delete-user-data-by-owner-id/{}/Acme"]
)  # fmt: skip
@pytest.mark.parametrize("bad", ["x" * 129, *CONTROL, "a\rb"])
def test_a_bad_id_in_a_path_is_named(shop: Customer, route: str, bad: str) -> None:
    send = shop.delete if route.startswith("delete") else shop.get
    name = "appUserID" if "user-id" in route else "deviceID"
    assert error(send(route.format(quote(bad, safe="")))) == f"{name} must be 1 to 128 printable characters."


@pytest.mark.parametrize("path", ["d/", "/Shop", "//", "d/a b", "d/ü", "d/%00"])
def test_a_path_of_one_id_is_refused(shop: Customer, path: str) -> None:
    for route in ("profile-by-app-user-id", "scanned-images-by-device-id"):
        error(shop.get(f"{route}/{path}"))
    for route in ("delete-user-data-by-app-id", "delete-user-data-by-owner-id"):
        assert shop.delete(f"{route}/{path}").status_code in (400, 403)


@pytest.mark.parametrize("route", ROUTES)
def test_other_methods_are_refused(shop: Customer, owner: Person, route: str) -> None:
    headers = {"authorization": f"Bearer {owner.token}"}
    for send in (shop.get, shop.delete):
        error(send(route, headers=headers), 405)
    error(shop.get("delete-user-data-by-app-id/d/Shop"), 405)
    error(shop.delete("scanned-images-by-device-id/d/Shop"), 405)


def test_percent_encoded_bytes_that_are_no_text_name_nobody(shop: Customer) -> None:
    error(shop.get("scanned-images-by-device-id/%FF/Shop"), 404)


def test_errors_outside_of_the_views_have_the_same_form(
    shop: Customer, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    error(shop.post("post-profile", b" " * 1001), 413)
    monkeypatch.setattr("pickeez_site.dialects.pixoneye.profiles.post_profile", lambda **_: 1 / 0)
    shop.client.raise_request_exception = False
    assert error(shop.post_profile("d"), 500) == "Server error."
