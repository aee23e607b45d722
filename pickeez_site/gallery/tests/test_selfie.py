"""The selfie page: what is accepted, what is refused in words, and who sees whose."""

import io
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from accounts.models import User
from accounts.services import set_pic_url
from conftest import MakePicture, Person, committing
from core.tests.answers import Answer
from faces.models import Selfie
from faces.services import selfie_faces
from pickeez_site.gallery.selfie_words import REASONS, refusal_of
from pickeez_site.gallery.tests.visitors import JSON, Visitor
from pickeez_site.gallery.views.selfie import MAX_SELFIES, first_screen

SELFIE = "/gallery/me/selfie/"


@pytest.fixture
def visitor(member: Person) -> Visitor:
    return Visitor(member.user)


def follow(visitor: Visitor, answer: Answer) -> Answer:
    assert answer.status_code == 303
    return visitor.get(answer["Location"])


def test_a_selfie_is_accepted_and_leads_to_the_photos(
    visitor: Visitor, member: Person, make_picture: MakePicture
) -> None:
    answer = follow(visitor, visitor.post(SELFIE, {"file": make_picture(1), "next": "/gallery/"}))
    assert (answer.status_code, answer["Location"]) == (303, reverse("gallery:me"))
    assert [selfie.status for selfie in Selfie.objects.filter(user=member.user)] == ["taken"]
    assert "Thank you" in visitor.get(answer["Location"]).text


@pytest.mark.parametrize(
    ("people", "words"), [((), "The picture shows no face."), ((0, 1), "The picture shows 2 faces.")]
)
def test_a_picture_of_nobody_or_of_two_is_refused_in_words_and_another_can_be_given(
    visitor: Visitor, make_picture: MakePicture, people: tuple[int, ...], words: str
) -> None:
    answer = follow(visitor, visitor.post(SELFIE, {"file": make_picture(*people)}))
    assert answer.status_code == 200
    assert words in answer.text
    assert 'type="file"' in answer.text


def heic() -> bytes:
    pillow_heif.register_heif_opener()
    file = io.BytesIO()
    Image.effect_noise((320, 320), 90).convert("RGB").save(file, "HEIF")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("selfie.jpg", b"I am a text file.", "not a picture of a supported type"),
        ("selfie.heic", None, "broken or incomplete"),
        ("selfie.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture of a supported type"),
    ],
)
def test_a_file_that_is_no_picture_is_refused_in_words(
    visitor: Visitor, name: str, content: bytes | None, words: str
) -> None:
    whole = content or heic()
    sent = whole if content else whole[: len(whole) // 2]
    answer = follow(visitor, visitor.post(SELFIE, {"file": SimpleUploadedFile(name, sent)}))
    assert words in answer.text
    assert not Selfie.objects.accepted().exists()


@pytest.mark.parametrize("data", [{}, {"file": "text"}, {"file": SimpleUploadedFile("a.jpg", b"")}])
def test_no_file_and_an_empty_one_are_refused_in_words(visitor: Visitor, data: dict[str, object]) -> None:
    for options in ({}, {"headers": JSON}):
        answer = visitor.post(SELFIE, data, **options)
        assert answer.status_code == 400
    assert not Selfie.objects.exists()


def test_while_the_worker_has_not_looked_the_page_waits(
    visitor: Visitor, member: Person, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faces.services.selfies.send_task", lambda *_: True)
    state = visitor.post(SELFIE, {"file": make_picture(1)})["Location"]
    page = visitor.get(state)
    assert '<meta http-equiv="refresh"' in page.text
    assert visitor.get(state, headers=JSON).json() == {"waits": True, "refusal": ""}
    assert "is being looked at" in visitor.get(reverse("gallery:me")).text


def test_a_script_is_told_where_to_look(visitor: Visitor, make_picture: MakePicture) -> None:
    answer = visitor.post(SELFIE, {"file": make_picture(0, 1)}, headers=JSON)
    assert answer.status_code == 202
    state = visitor.get(answer.json()["state"], headers=JSON).json()
    assert state == {"waits": False, "refusal": "The picture shows 2 faces. Give one of you alone."}


@pytest.mark.django_db
def test_the_name_is_asked_of_who_has_none(make_picture: MakePicture) -> None:
    nameless = User.objects.create_user()
    visitor = Visitor(nameless)
    assert 'name="name"' in visitor.get(SELFIE).text
    assert visitor.post(SELFIE, {"name": "a\nb", "file": make_picture(1)}).status_code == 400
    visitor.post(SELFIE, {"name": "<script>alert(1)</script>", "file": make_picture(1)})
    nameless.refresh_from_db()
    assert nameless.name == "<script>alert(1)</script>"
    assert 'id="name"' not in visitor.get(SELFIE).text
    assert "<script>alert" not in visitor.get(reverse("gallery:me")).text


def test_selfies_are_deleted_one_by_one(visitor: Visitor, member: Person, make_picture: MakePicture) -> None:
    for seed in (1, 2):
        visitor.post(SELFIE, {"file": make_picture(1, seed=seed)})
    first, second = Selfie.objects.filter(user=member.user).order_by("created_at")
    page = visitor.get(reverse("gallery:me")).text
    assert f"/me/selfie/{first.pk}/delete/" in page
    assert visitor.post(f"{SELFIE}{first.pk}/delete/").status_code == 303
    assert list(Selfie.objects.filter(user=member.user)) == [second]


def test_there_is_a_limit_to_selfies(visitor: Visitor, member: Person, make_picture: MakePicture) -> None:
    for number in range(MAX_SELFIES):
        Selfie.objects.create(user=member.user, key=str(number), sha256=str(number), status="taken")
    answer = visitor.post(SELFIE, {"file": make_picture(1)})
    assert answer.status_code == 400
    assert "Remove one first" in answer.text


def test_a_selfie_is_its_users_alone(
    visitor: Visitor, owner: Person, stranger: Person, make_picture: MakePicture
) -> None:
    visitor.post(SELFIE, {"file": make_picture(1)})
    selfie = Selfie.objects.get()
    for other in (owner.user, stranger.user):
        assert Visitor(other).get(f"{SELFIE}?id={selfie.pk}").status_code == 404
        assert Visitor(other).post(f"{SELFIE}{selfie.pk}/delete/").status_code == 404
        assert str(selfie.pk) not in Visitor(other).get(reverse("gallery:me")).text
    for bad in (uuid4(), "1", "<script>"):
        assert visitor.get(SELFIE, data={"id": bad}).status_code == 404
    assert Selfie.objects.count() == 1


def test_nobody_and_forms_of_other_sites_are_refused(member: Person, make_picture: MakePicture) -> None:
    assert Visitor().get(SELFIE).status_code == 303
    assert Visitor().post(SELFIE, {"file": make_picture(1)}).status_code == 303
    foreign = Visitor(member.user, csrf=True)
    assert foreign.post(SELFIE, {"file": make_picture(1)}).status_code == 403
    assert foreign.post(f"{SELFIE}{uuid4()}/delete/").status_code == 403
    assert not Selfie.objects.exists()


@pytest.mark.parametrize("next_page", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"])
def test_no_other_site_comes_after_the_selfie(visitor: Visitor, next_page: str) -> None:
    page = visitor.get(SELFIE, data={"next": next_page}).text
    assert f'"{next_page}"' not in page
    assert 'name="next" value="/gallery/"' in page


def test_who_has_no_selfie_gives_one_first(member: Person, make_picture: MakePicture) -> None:
    assert first_screen(member.user, "/gallery/?page=2") == f"{SELFIE}?next=%2Fgallery%2F%3Fpage%3D2"
    Visitor(member.user).post(SELFIE, {"file": make_picture(0, 1)})
    assert first_screen(member.user, "/gallery/").startswith(SELFIE)  # a refused one is none
    Visitor(member.user).post(SELFIE, {"file": make_picture(1)})
    assert first_screen(member.user, "/gallery/") == "/gallery/"


def test_a_picture_url_that_is_looked_at_is_enough(member: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faces.services.selfies.send_task", lambda *_: True)
    with committing():
        set_pic_url(user=member.user, pic_url="https://pictures.example/me.jpg")
    assert first_screen(member.user, "/gallery/") == "/gallery/"


def reasons_in_the_source() -> Iterator[str]:
    source = Path(selfie_faces.__file__).read_text()
    yield from (text.split('"')[0] for text in source.split('UnusableSelfie("')[1:])


def test_each_reason_of_the_domain_has_its_words() -> None:
    found = list(reasons_in_the_source())
    assert len(found) >= 2
    assert set(found) <= set(REASONS)
    for turned in selfie_faces.TURNS.values():
        assert f"The picture {turned}. Turn it, and give it again." in REASONS


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("The face is too small: 21 pixels wide. Give a picture from nearer.", "The face is too small."),
        ("The picture has more than 150000000 pixels.", "The picture is too large."),
        ("Given up: looking at it did not end in 3 tries.", "The picture could not be looked at."),
        ("The picture shows 1 faces. Give one of you alone.", "The picture shows 1 face."),
    ],
)
def test_reasons_with_figures_have_their_words(error: str, words: str) -> None:
    assert refusal_of(Selfie(status="refused", error=error)).startswith(words)
    assert refusal_of(Selfie(status="taken", error=error)) == ""
