from datetime import timedelta
from itertools import count

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts.tests.sent_codes import another_code, last_code
from albums.models import Album, PendingAlbum
from conftest import Caller, Person
from core.tests.answers import Json

NEW = "12025550199"


@pytest.fixture(autouse=True)
def _no_two_codes_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = count(100_000)
    monkeypatch.setattr("secrets.randbelow", lambda _: next(numbers))


@pytest.fixture
def newcomer(stranger: Person, sms: list[dict[str, Json]]) -> Person:
    """Somebody who has given a new phone and holds the code for it."""
    stranger.post("/set_phone", {"phone": NEW})
    return stranger


def test_the_right_code_verifies_the_phone(newcomer: Person, sms: list[dict[str, Json]]) -> None:
    answer = newcomer.post("/confirm_phone", {"code": last_code(sms)})
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    me = newcomer.get("/me").json()
    assert (me["phone"], me["verified_phone"]) == (NEW, NEW)


def test_a_wrong_code_verifies_nothing(newcomer: Person, sms: list[dict[str, Json]]) -> None:
    answer = newcomer.post("/confirm_phone", {"code": another_code(sms)})
    assert (answer.status_code, answer.json()) == (400, {"err": "wrong code"})
    assert newcomer.get("/me").json()["verified_phone"] == newcomer.phone


def test_the_code_of_another_user_is_wrong(newcomer: Person, owner: Person, sms: list[dict[str, Json]]) -> None:
    code = last_code(sms)
    owner.post("/set_phone", {"phone": NEW})
    assert owner.post("/confirm_phone", {"code": code}).json() == {"err": "wrong code"}


def test_the_first_right_answer_uses_the_code_up(newcomer: Person, sms: list[dict[str, Json]]) -> None:
    answers = [newcomer.post("/confirm_phone", {"code": last_code(sms)}) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"ok": True}, {"err": "wrong code"}]


def test_more_than_five_tries_kill_the_code(newcomer: Person, sms: list[dict[str, Json]]) -> None:
    for _ in range(5):
        assert newcomer.post("/confirm_phone", {"code": another_code(sms)}).json() == {"err": "wrong code"}
    for _ in range(2):
        answer = newcomer.post("/confirm_phone", {"code": last_code(sms)})
        assert (answer.status_code, answer.json()) == (429, {"err": "too many attempts"})
        assert 1 <= int(answer["Retry-After"]) <= 600
    assert newcomer.get("/me").json()["verified_phone"] == newcomer.phone


@pytest.mark.parametrize(("minutes", "status"), [(9.9, 200), (10.1, 400)])
def test_a_code_lives_ten_minutes(
    newcomer: Person, sms: list[dict[str, Json]], minutes: float, status: int
) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False):
        assert newcomer.post("/confirm_phone", {"code": last_code(sms)}).status_code == status


def test_without_a_code_sent_every_code_is_wrong(stranger: Person) -> None:
    assert stranger.post("/confirm_phone", {"code": "123456"}).json() == {"err": "wrong code"}


def test_a_missing_code_is_named(newcomer: Person) -> None:
    answer = newcomer.post("/confirm_phone")
    assert (answer.status_code, answer.json()) == (400, {"msg": "Missing parameter: code"})


def test_a_missing_code_costs_no_try(newcomer: Person, sms: list[dict[str, Json]]) -> None:
    for _ in range(6):
        newcomer.post("/confirm_phone")
    assert newcomer.post("/confirm_phone", {"code": last_code(sms)}).json() == {"ok": True}


@pytest.mark.parametrize("magic", ["0", "true", "skip", "111111"])
def test_no_magic_parameter_verifies(newcomer: Person, sms: list[dict[str, Json]], magic: str) -> None:
    extra = dict.fromkeys(("force", "skip", "debug", "verified", "verified_phone", "phone", "magic"), magic)
    newcomer.post("/confirm_phone", {"code": another_code(sms), **extra})
    assert newcomer.get("/me").json()["verified_phone"] == newcomer.phone


def test_albums_that_had_invited_the_number_show_up_and_are_queued(
    owner: Person, album: Album, newcomer: Person, sms: list[dict[str, Json]], settings: Settings
) -> None:
    settings.ALBUM_PROCESSOR = "external"
    owner.post(f"/albums/{album.pk}/invite_phones", {"phones[]": [NEW]})
    PendingAlbum.objects.all().delete()
    code = next(message["body"].split()[-1] for message in sms if "code" in message["body"])
    newcomer.post("/confirm_phone", {"code": code})
    mine = newcomer.get("/albums/mine").json()["albums"]
    assert [found["_id"] for found in mine] == [str(album.pk)]
    assert list(PendingAlbum.objects.ready().values_list("album_id", flat=True)) == [album.pk]


def test_a_number_goes_over_but_the_albums_stay_with_the_first(
    owner: Person, member: Person, album: Album, stranger: Person, sms: list[dict[str, Json]]
) -> None:
    stranger.post("/set_phone", {"phone": member.phone})
    stranger.post("/confirm_phone", {"code": last_code(sms)})
    assert stranger.get("/me").json()["verified_phone"] == member.phone
    assert member.get("/me").json()["verified_phone"] is None
    assert member.get(f"/albums/{album.pk}").status_code == 200
    assert stranger.get(f"/albums/{album.pk}").status_code == 404
    assert stranger.get("/albums/mine").json()["albums"] == []


def test_who_changes_their_number_keeps_their_albums(
    member: Person, album: Album, sms: list[dict[str, Json]]
) -> None:
    member.post("/set_phone", {"phone": NEW})
    member.post("/confirm_phone", {"code": last_code(sms)})
    assert member.get("/me").json()["verified_phone"] == NEW
    assert member.get(f"/albums/{album.pk}").status_code == 200


def test_nobody_is_refused(db: None, nobody: Caller) -> None:
    assert nobody.post("/confirm_phone", {"code": "123456"}).status_code == 401
