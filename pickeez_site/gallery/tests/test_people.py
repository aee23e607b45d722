"""The people on one's photos: naming them, "Is this Grace?", and undoing both."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from albums.models import Album
from conftest import Person as SignedIn
from core.tests.answers import Answer
from faces.models import Face, FaceAssignment, Identification, Person
from faces.tests.libraries import ENGINE, Known, add_person, add_selfie_of, embedding_of
from photos.tests.builders import place_photo
from pickeez_site.gallery.tests.browsers import SCRIPT, assert_nothing_runs, browser, send_form, text_of
from pickeez_site.gallery.views import people

PAGE = "/gallery/people/"
pytestmark = pytest.mark.django_db


def say(person: SignedIn, known: Known, page: str = PAGE, **form: str) -> Answer:
    return send_form(browser(person.user), page, f"{PAGE}{known.person.pk}/", {"next": page, **form})


def undo(person: SignedIn, answer: Answer) -> Answer:
    """Presses "Undo" on the page to which an answer leads."""
    client = browser(person.user)
    page = text_of(client.get(answer["Location"]))
    form = re.search(r'<form class="notice row" method="post" action="([^"]+)".*?</form>', page, re.DOTALL)
    assert form
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    fields.pop("csrfmiddlewaretoken")
    return send_form(client, answer["Location"], form[1], fields)


@pytest.fixture
def grace(owner: SignedIn, member: SignedIn, album: Album) -> Known:
    """Somebody on the owner's photos who looks like the album's member."""
    known = add_person(owner.user, 0)
    add_selfie_of(member.user, 0)
    return known


def test_a_name_is_saved_and_taken_back(owner: SignedIn, grace: Known) -> None:
    answer = say(owner, grace, do="name", name="  Grace   Hopper ")
    assert answer.status_code == 303
    assert Person.objects.get().name == "Grace Hopper"
    assert 'value="Grace Hopper"' in text_of(browser(owner.user).get(PAGE))
    undo(owner, answer)
    assert Person.objects.get().name == ""


@pytest.mark.parametrize("name", ["x" * 201, "a\u202ebell"])
def test_what_is_no_name_is_refused_in_words(owner: SignedIn, grace: Known, name: str) -> None:
    answer = say(owner, grace, do="name", name=name)
    assert (answer.status_code, Person.objects.get().name) == (400, "")
    assert "A name is one line" in text_of(answer)


def test_a_suggestion_is_confirmed_and_undone(owner: SignedIn, member: SignedIn, grace: Known) -> None:
    question = f"Is this {member.user.name}?"
    assert question in text_of(browser(owner.user).get(PAGE))
    answer = say(owner, grace, do="yes", user=str(member.user.pk))
    person = Person.objects.get()
    assert (person.user, person.name) == (member.user, member.user.name)
    assert question not in text_of(browser(owner.user).get(PAGE))
    undo(owner, answer)
    person = Person.objects.get()
    assert (person.user, person.name) == (None, "")
    assert question in text_of(browser(owner.user).get(PAGE))


def test_a_refused_suggestion_does_not_come_again_until_that_is_undone(
    owner: SignedIn, member: SignedIn, grace: Known
) -> None:
    question = f"Is this {member.user.name}?"
    answer = say(owner, grace, do="no", user=str(member.user.pk))
    assert question not in text_of(browser(owner.user).get(PAGE))
    undo(owner, answer)
    assert question in text_of(browser(owner.user).get(PAGE))
    assert not Identification.objects.exists()


def test_who_was_confirmed_is_undone_on_their_card_later(owner: SignedIn, member: SignedIn, grace: Known) -> None:
    say(owner, grace, do="yes", user=str(member.user.pk))
    assert 'value="undo"' in text_of(browser(owner.user).get(PAGE))
    say(owner, grace, do="undo", user=str(member.user.pk))
    assert Person.objects.get().user is None


def test_the_people_of_a_library_are_its_owners_alone(
    owner: SignedIn, member: SignedIn, stranger: SignedIn, grace: Known
) -> None:
    for person in (member, stranger):
        assert str(grace.person.pk) not in text_of(browser(person.user).get(PAGE))
        for form in ({"do": "name", "name": "Mine"}, {"do": "yes", "user": str(person.user.pk)}):
            assert say(person, grace, **form).status_code == 404
    assert browser().get(PAGE).status_code == 303
    assert Person.objects.get().name == ""


def test_nobody_is_said_to_be_a_user_who_shares_no_album(
    owner: SignedIn, stranger: SignedIn, grace: Known
) -> None:
    for user in (str(stranger.user.pk), "nonsense", ""):
        assert say(owner, grace, do="yes", user=user).status_code == 404
    assert say(owner, grace, do="whatever").status_code == 400
    assert not Identification.objects.exists()


def test_a_form_without_its_token_is_refused(owner: SignedIn, grace: Known) -> None:
    answer = browser(owner.user).post(f"{PAGE}{grace.person.pk}/", {"do": "name", "name": "Grace"})
    assert answer.status_code == 403


def test_names_are_text_and_an_undo_of_nonsense_is_not_offered(owner: SignedIn, grace: Known) -> None:
    Person.objects.update(name=SCRIPT)
    page = text_of(browser(owner.user).get(PAGE, {"said": str(grace.person.pk), "name": SCRIPT}))
    assert_nothing_runs(page)
    for query in ({"said": "nonsense"}, {"said": str(grace.person.pk)}, {"said": str(owner.user.pk), "name": "x"}):
        assert "notice row" not in text_of(browser(owner.user).get(PAGE, query))


def test_the_tab_of_an_album_shows_those_on_ones_own_photos_there(
    owner: SignedIn, member: SignedIn, album: Album, grace: Known
) -> None:
    elsewhere, here = grace, add_person(owner.user, 1, name="Eileen")
    original = place_photo(album, owner.user, width=320, height=240).original
    face = Face.objects.create(
        original=original, x=1, y=2, width=30, height=40, score=0.9, embedding=embedding_of(1), engine=ENGINE
    )
    FaceAssignment.objects.create(owner=owner.user, face=face, person=here.person)
    path = reverse("gallery:album-people", args=[album.pk])
    page = text_of(browser(owner.user).get(path))
    assert str(here.person.pk) in page
    assert str(elsewhere.person.pk) not in page
    assert str(here.person.pk) not in text_of(browser(member.user).get(path))
    answer = say(owner, here, path, do="name", name="Collins")
    assert answer["Location"].startswith(f"{path}?said=")
    undo(owner, answer)
    assert Person.objects.get(pk=here.person.pk).name == "Eileen"


def test_they_are_paged_and_cost_a_constant_number_of_queries(
    owner: SignedIn, grace: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, numbers = browser(owner.user), list[int]()
    client.get(PAGE)
    for count in (1, 5):
        for _ in range(count):
            add_person(owner.user, 2)
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
    monkeypatch.setattr(people, "PAGE", 4)
    first = text_of(client.get(PAGE))
    (after,) = re.findall(r'href="\?after=([0-9a-f-]+)"', first)
    second = text_of(client.get(PAGE, {"after": after}))
    shown = [*re.findall(r'class="card"', first), *re.findall(r'class="card"', second)]
    assert len(shown) >= 7
    assert client.get(PAGE, {"after": "nonsense"}).status_code == 404
