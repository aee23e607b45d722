import io
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from kombu.exceptions import OperationalError
from pytest_django import DjangoAssertNumQueries

from conftest import Caller, MakePicture, Person
from core.outages import broker_circuit
from core.tests.answers import Json
from faces import tasks
from faces.models import Selfie
from photos.services import remove_dropped_files

IN_LIST = {"_id", "faces", "taken", "status", "error", "created_at"}


def listed(person: Person) -> list[dict[str, Json]]:
    return person.get("/me/selfie").json()["selfies"]


def test_a_picture_of_one_person_is_taken(owner: Person, make_picture: MakePicture) -> None:
    answer = owner.post("/me/selfie", {"file": make_picture(1)})
    assert answer.status_code == 200
    selfie_id = answer.json()["_id"]
    assert str(UUID(selfie_id)) == selfie_id
    assert answer.json() == {"_id": selfie_id, "faces": 1, "taken": True}


@pytest.mark.parametrize("people", [(), (0, 1), (0, 1, 2)])
def test_a_picture_of_nobody_or_several_is_refused_with_a_reason(
    owner: Person, make_picture: MakePicture, stored: Callable[..., list[str]], people: tuple[int, ...]
) -> None:
    answer = owner.post("/me/selfie", {"file": make_picture(*people)})
    assert answer.status_code == 400
    assert set(answer.json()) == {"_id", "faces", "taken", "msg"}
    assert (answer.json()["faces"], answer.json()["taken"]) == (len(people), False)
    assert "face" in answer.json()["msg"]
    assert [selfie["taken"] for selfie in listed(owner)] == [False]
    remove_dropped_files()
    assert stored() == []


@pytest.mark.parametrize("content", [b"no picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"<svg/>", b"\0" * 100])
def test_what_is_no_picture_is_refused(owner: Person, content: bytes) -> None:
    file = io.BytesIO(content)
    file.name = "selfie.jpg"
    answer = owner.post("/me/selfie", {"file": file})
    assert answer.status_code == 400
    assert answer.json()["taken"] is False
    assert answer.json()["msg"]


def test_a_truncated_picture_is_refused(owner: Person, make_picture: MakePicture) -> None:
    file = io.BytesIO(make_picture(1, form="JPEG").getvalue()[:400])
    file.name = "selfie.jpg"
    assert owner.post("/me/selfie", {"file": file}).status_code == 400


def test_an_empty_file_is_refused(owner: Person) -> None:
    file = io.BytesIO()
    file.name = "selfie.jpg"
    answer = owner.post("/me/selfie", {"file": file})
    assert answer.status_code == 400
    assert set(answer.json()) == {"msg"}
    assert listed(owner) == []


@pytest.mark.parametrize("data", [{}, {"file": ""}, {"file": "text"}])
def test_the_file_must_be_a_file(owner: Person, data: dict[str, str]) -> None:
    answer = owner.post("/me/selfie", data)
    assert answer.status_code == 400
    assert "file" in answer.json()["msg"]


def test_a_file_cannot_come_as_json(owner: Person) -> None:
    assert owner.post_json("/me/selfie", {"file": "aGVsbG8="}).status_code == 400


def test_the_same_picture_again_is_the_same_selfie(owner: Person, make_picture: MakePicture) -> None:
    answers = [owner.post("/me/selfie", {"file": make_picture(1)}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(listed(owner)) == 1


def test_with_the_worker_away_the_selfie_waits(
    owner: Person, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: tuple[str], **_kwargs: None) -> None:
        raise OperationalError

    monkeypatch.setattr(tasks.process_selfie, "apply_async", away)
    answer = owner.post("/me/selfie", {"file": make_picture(1)})
    assert answer.status_code == 202
    assert set(answer.json()) == {"_id"}
    assert [(selfie["_id"], selfie["taken"]) for selfie in listed(owner)] == [(answer.json()["_id"], False)]
    monkeypatch.undo()
    broker_circuit.reset()
    assert owner.post("/me/selfie", {"file": make_picture(1)}).json()["taken"] is True


def test_everybody_lists_their_own_oldest_first(owner: Person, member: Person, make_picture: MakePicture) -> None:
    own = [owner.post("/me/selfie", {"file": make_picture(1, seed=seed)}).json()["_id"] for seed in (1, 2)]
    member.post("/me/selfie", {"file": make_picture(2)})
    selfies = listed(owner)
    assert [selfie["_id"] for selfie in selfies] == own
    assert {frozenset(selfie) for selfie in selfies} == {frozenset(IN_LIST)}
    assert [(selfie["faces"], selfie["taken"], selfie["error"]) for selfie in selfies] == [(1, True, None)] * 2


def test_listing_any_number_takes_the_same_queries(
    owner: Person, make_picture: MakePicture, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for seed in range(5):
        owner.post("/me/selfie", {"file": make_picture(1, seed=seed)})
    with django_assert_num_queries(2):
        owner.client.get("/me/selfie")


def test_one_is_removed_with_its_file(
    owner: Person, make_picture: MakePicture, stored: Callable[..., list[str]]
) -> None:
    first, second = (owner.post("/me/selfie", {"file": make_picture(1, seed=seed)}).json() for seed in (1, 2))
    answer = owner.post("/me/selfie/delete", {"_id": first["_id"]})
    assert (answer.status_code, answer.json()["msg"]) == (200, "ok")
    assert [selfie["_id"] for selfie in listed(owner)] == [second["_id"]]
    remove_dropped_files()
    assert len(stored()) == 1


def test_all_are_removed_without_an_id(
    owner: Person, member: Person, make_picture: MakePicture, stored: Callable[..., list[str]]
) -> None:
    for seed in (1, 2):
        owner.post("/me/selfie", {"file": make_picture(1, seed=seed)})
    member.post("/me/selfie", {"file": make_picture(2)})
    assert owner.post("/me/selfie/delete").status_code == 200
    assert listed(owner) == []
    assert len(listed(member)) == 1
    remove_dropped_files()
    assert len(stored()) == 1


def test_somebody_elses_selfie_is_as_unknown_as_one_that_never_was(
    owner: Person, stranger: Person, make_picture: MakePicture
) -> None:
    selfie_id = owner.post("/me/selfie", {"file": make_picture(1)}).json()["_id"]
    answers = [stranger.post("/me/selfie/delete", {"_id": an_id}) for an_id in (selfie_id, str(uuid4()), "1")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, b'{"msg":"Not found."}')}
    assert len(listed(owner)) == 1


@pytest.mark.parametrize("path", ["/me/selfie", "/me/selfie/delete"])
def test_nobody_is_refused(db: None, nobody: Caller, make_picture: MakePicture, path: str) -> None:
    assert nobody.post(path, {"file": make_picture(1)}).status_code == 401
    assert not Selfie.objects.exists()
