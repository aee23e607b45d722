from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import AccessToken
from accounts.services import create_token, revoke_token
from albums.models import Album
from conftest import Person
from core.tests.answers import Answer

NO_USER = {"msg": "No user found. Please supply token or sign in."}
WRONG = [
    "wrong",
    "x" * 43,
    "x" * 10_000,
    "ü",
    "a b",
    "' OR 1=1 --",
    "null",
    "0",
]


def me_with(client: Client, header: str | None = None, **extra: Any) -> Answer:
    return client.get("/me", headers={"authorization": header} if header is not None else None, **extra)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_token_may_come_in_the_header(owner: Person, client: Client, scheme: str) -> None:
    assert me_with(client, f"{scheme} {owner.token}").json()["_id"] == owner.id


def test_the_token_may_come_in_the_query(owner: Person, client: Client) -> None:
    assert client.get("/me", {"token": owner.token}).json()["_id"] == owner.id
    assert client.post(f"/logout?token={owner.token}").status_code == 200


@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded"]
)
def test_the_token_may_come_in_any_body(owner: Person, client: Client, content_type: str) -> None:
    bodies = {
        "application/json": f'{{"token": "{owner.token}"}}',
        "multipart/form-data; boundary=b": (
            f'--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n{owner.token}\r\n--b--\r\n'
        ),
        "application/x-www-form-urlencoded": f"token={owner.token}",
    }
    answer = client.generic("POST", "/set_pic_url?pic_url=x", bodies[content_type], content_type)
    assert answer.json()["_id"] == owner.id


def test_the_body_goes_before_the_query(owner: Person, member: Person, client: Client) -> None:
    answer = client.post(f"/set_pic_url?pic_url=x&token={owner.token}", {"token": member.token})
    assert answer.json()["_id"] == member.id
    assert client.post(f"/set_pic_url?pic_url=x&token={owner.token}", {"token": "wrong"}).status_code == 401


def test_a_wrong_header_is_refused_though_the_parameter_is_right(owner: Person, client: Client) -> None:
    assert me_with(client, "Bearer wrong", query_params={"token": owner.token}).status_code == 401


def test_the_header_goes_before_the_parameter(owner: Person, member: Person, client: Client) -> None:
    answer = me_with(client, f"Bearer {owner.token}", query_params={"token": member.token})
    assert answer.json()["_id"] == owner.id


@pytest.mark.parametrize("token", WRONG)
def test_a_wrong_token_is_refused_wherever_it_comes(db: None, client: Client, token: str) -> None:
    answers = [client.get("/me", {"token": token}), client.post("/logout", {"token": token})]
    if token.isascii():
        answers.append(me_with(client, f"Bearer {token}"))
    assert [(answer.status_code, answer.json()) for answer in answers] == [(401, NO_USER)] * len(answers)
    assert {answer["WWW-Authenticate"] for answer in answers} == {"Bearer"}


@pytest.mark.parametrize("token", ["", " ", "\0", "a\0b", ["a", "b"], "x" * 501])
def test_what_can_be_no_token_is_a_wrong_one(db: None, client: Client, token: list[str] | str) -> None:
    answer = client.post("/set_phone", {"token": token, "phone": "555"})
    assert (answer.status_code, answer.json()) == (401, NO_USER)


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer \xff", "Bearer a,b", "Bearer a b"])
def test_a_broken_header_is_a_wrong_token(db: None, client: Client, header: str) -> None:
    assert me_with(client, header).status_code == 401
    assert client.get("/", headers={"authorization": header}).status_code == 401


@pytest.mark.parametrize("header", ["", "Basic b3duZXI6eA==", "Token abc", "Digest x"])
def test_other_schemes_present_no_token(owner: Person, client: Client, header: str) -> None:
    assert client.get("/", headers={"authorization": header}).status_code == 200
    assert me_with(client, header, query_params={"token": owner.token}).status_code == 200
    assert me_with(client, header).status_code == 401


@pytest.mark.parametrize("path", ["/", "/routes", "/invite_page?album_id={album}"])
def test_a_wrong_token_is_refused_on_public_routes_too(album: Album, client: Client, path: str) -> None:
    path = path.format(album=album.pk)
    wrong = [client.get(path, headers={"authorization": "Bearer wrong"}), client.get(path, {"token": "wrong"})]
    assert client.get(path).status_code == 200
    assert [(answer.status_code, answer.json()) for answer in wrong[:1]] == [(401, NO_USER)]
    assert wrong[1].status_code == 401


def test_a_wrong_token_is_refused_beside_the_right_password(db: None, settings: Settings, client: Client) -> None:
    settings.ALGO_PASSWORD = "open-sesame"
    headers = {"x-algo-password": "open-sesame"}
    assert client.get("/albums/algo/all_pending", headers=headers).status_code == 200
    answer = client.get("/albums/algo/all_pending", headers={**headers, "authorization": "Bearer wrong"})
    assert (answer.status_code, answer.json()) == (401, NO_USER)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/ping", 200),
        ("get", "/ping/", 200),
        ("post", "/login/phone", 200),
        ("post", "/login/phone/confirm", 400),
        ("get", "/fb", 503),
        ("get", "/fb_enter", 400),
        ("get", "/fb_enter_browser", 400),
    ],
)
def test_signing_in_and_the_probe_ignore_a_wrong_token(
    db: None, client: Client, method: str, path: str, status: int
) -> None:
    data = {"token": "wrong", "phone": "12025550199"}
    answer = getattr(client, method)(path, data, headers={"authorization": "Bearer wrong"})
    assert answer.status_code == status


def test_a_revoked_token_is_wrong(owner: Person) -> None:
    revoke_token(token=owner.token)
    assert owner.get("/me").json() == NO_USER


def test_a_user_who_was_shut_out_is_nobody(owner: Person) -> None:
    owner.user.is_active = False
    owner.user.save()
    assert (owner.get("/me").status_code, owner.get("/").status_code) == (401, 401)


def test_a_digest_is_no_token(owner: Person, client: Client) -> None:
    digest = AccessToken.objects.get().digest
    assert client.get("/me", {"token": digest}).status_code == 401


def test_every_token_is_new_and_long(owner: Person) -> None:
    tokens = {create_token(user=owner.user) for _ in range(20)}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 43  # 256 bits


def test_a_session_of_an_operator_is_no_token(owner: Person, client: Client) -> None:
    client.force_login(owner.user)
    assert client.get("/me").status_code == 401
