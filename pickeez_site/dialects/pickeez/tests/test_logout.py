from accounts.models import AccessToken
from accounts.services import create_token
from conftest import Caller, Person


def test_the_token_used_is_no_longer_good(owner: Person) -> None:
    answer = owner.post("/logout")
    assert (answer.status_code, answer.json()) == (200, {"msg": "ok"})
    assert owner.get("/me").status_code == 401


def test_the_token_may_come_as_a_parameter(owner: Person, nobody: Caller) -> None:
    assert nobody.post("/logout", {"token": owner.token}).status_code == 200
    assert nobody.get("/me", {"token": owner.token}).status_code == 401


def test_other_devices_and_other_people_stay_signed_in(owner: Person, member: Person, nobody: Caller) -> None:
    other_device = create_token(user=owner.user)
    owner.post("/logout")
    assert nobody.get("/me", {"token": other_device}).status_code == 200
    assert member.get("/me").status_code == 200


def test_a_second_logout_is_refused_like_any_wrong_token(owner: Person) -> None:
    owner.post("/logout")
    assert owner.post("/logout").status_code == 401


def test_nobody_cannot_log_out(owner: Person, nobody: Caller) -> None:
    assert nobody.post("/logout").status_code == 401
    assert AccessToken.objects.count() == 1


def test_it_is_post_only(owner: Person) -> None:
    assert owner.get("/logout").status_code == 405
    assert owner.get("/me").status_code == 200
