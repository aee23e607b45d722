import json

import pytest

from albums.models import Album
from conftest import Person
from core.tests.answers import Answer
from photos.tests.builders import place_photo

FORM = "application/x-www-form-urlencoded"
RECTANGLE = {"x": 1, "y": 2.5, "width": 3, "height": 4}
PIC, FIELDS, PHONES = "/set_pic_url", "/set_fields", "/users/which_phones_registered"


def send(
    person: Person, path: str, body: str | bytes = "", content_type: str = FORM, method: str = "POST"
) -> Answer:
    return person.client.generic(method, path, body, content_type)


@pytest.mark.parametrize(
    ("path", "body", "content_type"),
    [
        (f"{PIC}?pic_url=here", "", FORM),
        (f"{PIC}?pic_url=here", "", ""),
        (f"{PIC}?pic_url=here", "", "application/json"),
        (f"{PIC}?pic_url=here", "", "text/plain"),
        (PIC, "pic_url=here", FORM),
        (PIC, "pic_url=here", f"{FORM}; charset=utf-8"),
        (PIC, '{"pic_url": "here"}', "application/json"),
        (PIC, '{"pic_url": "here"}', "application/json; charset=utf-8"),
        (PIC, '{"pic_url": " here "}', "application/json"),
        (
            PIC,
            '--b\r\nContent-Disposition: form-data; name="pic_url"\r\n\r\nhere\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
        ),
    ],
)
def test_a_parameter_is_read_from_wherever_it_comes(
    owner: Person, path: str, body: str, content_type: str
) -> None:
    answer = send(owner, path, body, content_type)
    assert (answer.status_code, answer.json().get("pic_url")) == (200, "here")


@pytest.mark.parametrize(
    ("body", "content_type"), [("pic_url=body", FORM), ('{"pic_url": "body"}', "application/json")]
)
def test_the_body_goes_before_the_query(owner: Person, body: str, content_type: str) -> None:
    assert send(owner, f"{PIC}?pic_url=query", body, content_type).json()["pic_url"] == "body"


def test_query_and_body_complete_each_other(owner: Person) -> None:
    assert send(owner, f"{FIELDS}?field=push_notif_token", "val=device").json() == {"msg": "ok"}


@pytest.mark.parametrize(
    ("path", "body", "content_type"),
    [
        (f"{PIC}?pic_url=a&pic_url=b", "", FORM),
        (PIC, "pic_url=a&pic_url=b", FORM),
        (PIC, '{"pic_url": ["a", "b"]}', "application/json"),
        (PIC, '{"pic_url": []}', "application/json"),
        (PIC, '{"pic_url": {"a": "b"}}', "application/json"),
        (PIC, '{"pic_url": [["a"]]}', "application/json"),
    ],
)
def test_a_list_where_one_value_is_expected_is_refused(
    owner: Person, path: str, body: str, content_type: str
) -> None:
    answer = send(owner, path, body, content_type)
    assert answer.status_code == 400
    assert "pic_url" in answer.json()["msg"]


@pytest.mark.parametrize(
    ("sent", "stored"), [("12", "12"), ("1.5", "1.5"), ("true", "true"), ('"\\u00e4\\ud83d\\udc4d"', "ä👍")]
)
def test_a_json_value_is_read_as_the_text_it_is(owner: Person, sent: str, stored: str) -> None:
    answer = send(owner, PIC, f'{{"pic_url": {sent}}}', "application/json")
    assert answer.json()["pic_url"] == stored


@pytest.mark.parametrize("body", ["{}", '{"pic_url": null}', '{"pic_url": ""}', '{"pic_url": "  "}', ""])
def test_null_and_empty_are_missing(owner: Person, body: str) -> None:
    answer = send(owner, PIC, body, "application/json")
    assert (answer.status_code, answer.json()) == (400, {"msg": "Missing parameter: pic_url"})


@pytest.mark.parametrize(
    ("path", "body", "content_type"),
    [
        (f"{PHONES}?phones[]=555&phones[]=777", "", ""),
        (f"{PHONES}?phones=555&phones=777", "", ""),
        (PHONES, "phones[]=555&phones[]=777", FORM),
        (PHONES, '{"phones": ["555", "777"]}', "application/json"),
        (PHONES, '{"phones": [555, 777]}', "application/json"),
        (PHONES, '{"phones[]": ["555", "777"]}', "application/json"),
        (f"{PHONES}?phones[]=1", '{"phones": ["555", "777"]}', "application/json"),
        (f"{PHONES}?phones[]=1", "phones=555&phones=777", FORM),
    ],
)
def test_a_list_comes_with_brackets_or_as_json(owner: Person, path: str, body: str, content_type: str) -> None:
    answer = send(owner, path, body, content_type, "GET")
    assert answer.json() == {"555": None, "777": None}


@pytest.mark.parametrize("sent", ['"555"', "555", '["555"]'])
def test_one_value_is_a_list_of_one(owner: Person, sent: str) -> None:
    answer = send(owner, PHONES, f'{{"phones": {sent}}}', "application/json", "GET")
    assert answer.json() == {"555": None}


@pytest.mark.parametrize("sent", ['{"a": 1}', "[[555]]", "[null]", "[true]", "[1.5]", '[{"a": 1}]', "true", "[]"])
def test_a_list_of_something_else_is_refused(owner: Person, sent: str) -> None:
    answer = send(owner, PHONES, f'{{"phones": {sent}}}', "application/json", "GET")
    assert answer.status_code == 400
    assert set(answer.json()) == {"msg"}


@pytest.mark.parametrize("word", ["true", "1", "yes", "on", "TRUE", " true "])
def test_words_for_yes(owner: Person, word: str) -> None:
    owner.post(FIELDS, {"field": "send_push_notifs", "val": "false"})
    owner.post(FIELDS, {"field": "send_push_notifs", "val": word})
    assert owner.get("/me").json()["send_push_notifs"] is True


def test_names_are_exact(owner: Person) -> None:
    assert owner.post(PIC, {"Pic_Url": "x", "pic-url": "x", "pic_url[]": "x"}).status_code == 400


def test_unknown_parameters_are_ignored(owner: Person) -> None:
    answer = owner.post_json(
        PIC, {"pic_url": "x", "is_staff": True, "verified_phone": "555", "nested": {"a": [1]}}
    )
    assert (answer.status_code, answer.json()["verified_phone"]) == (200, owner.phone)


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "bogus", "", "utf-8"])
@pytest.mark.parametrize("content_type", [FORM, "application/json"])
def test_a_strange_charset_is_no_server_error(owner: Person, content_type: str, charset: str) -> None:
    body = "pic_url=x" if content_type == FORM else '{"pic_url": "x"}'
    assert send(owner, PIC, body, f"{content_type}; charset={charset}").status_code in (200, 400, 415)


@pytest.mark.parametrize("body", ["a=1&" * 6000, "&" * 6000])
def test_too_many_fields_are_refused(owner: Person, body: str) -> None:
    answer = send(owner, PIC, body + "pic_url=x")
    assert answer.status_code in (200, 400)
    assert answer["Content-Type"] == "application/json"
    assert send(owner, f"{PIC}?{'a=1&' * 6000}pic_url=x").status_code == 400


def test_whole_numbers_of_json_are_whole_however_they_are_written(owner: Person, album: Album) -> None:
    answer = owner.post_json(f"/albums/{album.pk}/invite_phones", {"phones": [555.0, 777]})
    assert answer.json()["updated_album_phones"][-2:] == ["555", "777"]
    assert owner.post_json("/set_phone", {"phone": 4567.0}).json()["phone"] == "4567"


def test_the_spelling_that_is_not_used_must_be_good_too(owner: Person, album: Album) -> None:
    answer = owner.post_json(f"/albums/{album.pk}", {"album_local_id": "7", "local_album_id": "x" * 501})
    assert answer.status_code == 400


@pytest.mark.parametrize("sent", [[RECTANGLE], json.dumps([RECTANGLE])])
def test_a_list_or_an_object_may_be_json_text_in_json_too(owner: Person, album: Album, sent: object) -> None:
    photo = place_photo(album, owner.user)
    answer = owner.post_json(f"/photos/{photo.pk}/set_faces_data", {"rectangles": sent})
    assert answer.json()["rectangles"] == [RECTANGLE]
