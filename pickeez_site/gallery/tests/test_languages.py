"""The gallery speaks the reader's language: which one, and that no text of a guest's way is left in English."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message
from django.conf import settings

from conftest import Person
from pickeez_site.gallery.tests.catalogues import LANGUAGES, compiled, path_of, read, template_catalog
from pickeez_site.gallery.tests.visitors import JSON, Visitor

OFFLINE, CHOOSE = "/gallery/offline/", "/gallery/language/"
# The pages of an album's owner, which are translated later, and what only programs read.
NOT_A_GUESTS_WAY = (
    *("views/guests.py", "views/open_links.py", "views/owner.py", "views/trash.py", "views/uploads.py"),
    *("open_link_card.html", "guests.html", "guest_row.html", "album_settings.html", "album_fields.html"),
    *("new_album.html", "delete_album.html", "remove_guest.html", "trash.html"),
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?\w+[^>]*>")


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def texts_of_the_way() -> Iterator[Message]:
    for message in template_catalog():
        if message.id and any(not file.endswith(NOT_A_GUESTS_WAY) for file, _ in message.locations):
            yield message


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_of_a_guests_way_is_translated(language: str) -> None:
    catalog = read(language)
    texts = list(texts_of_the_way())
    assert len(texts) > 60
    missing = [message.id for message in texts if not (found := catalog.get(message.id)) or not all(forms(found))]
    assert missing == [], "`make messages` adds them to the catalogues; then translate them"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_translation_has_the_places_of_its_text(language: str) -> None:
    for message in read(language):
        if not message.id or not all(forms(message)):
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        expected = [sorted(PLACEHOLDER.findall(text)) for text in ids]
        found = [sorted(PLACEHOLDER.findall(form)) for form in forms(message)]
        assert (found[0], found[1:]) == (expected[0], [expected[-1]] * (len(found) - 1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_made_from_the_written_one(language: str) -> None:
    assert path_of(language, "mo").read_bytes() == compiled(read(language)), "run `make messages`"


def test_the_settings_name_the_catalogues() -> None:
    assert {code for code, _ in settings.LANGUAGES} == {"en", *LANGUAGES}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "language", "direction", "words"),
    [
        ("de-AT,en;q=0.5", "de", "ltr", "Keine Verbindung"),
        ("he", "he", "rtl", "אין חיבור"),
        ("fr,xx", "en", "ltr", "No connection"),
        ("", "en", "ltr", "No connection"),
        ("<script>", "en", "ltr", "No connection"),
    ],
)
def test_a_browser_gets_the_language_that_it_asks_for(
    asked: str, language: str, direction: str, words: str
) -> None:
    page = Visitor().get(OFFLINE, headers={"Accept-Language": asked})
    assert page["Content-Language"] == language
    assert f'<html lang="{language}" dir="{direction}">' in page.text
    assert words in page.text


@pytest.mark.django_db
def test_a_chosen_language_goes_before_that_of_the_browser() -> None:
    visitor = Visitor()
    answer = visitor.post(CHOOSE, {"language": "de", "next": OFFLINE})
    assert (answer.status_code, answer["Location"]) == (303, OFFLINE)
    assert "Keine Verbindung" in visitor.get(OFFLINE, headers={"Accept-Language": "he"}).text
    cookie = answer.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie["samesite"], cookie["httponly"]) == ("Lax", True)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["", "xx", "<script>", "de\r\nSet-Cookie: a=b"])
def test_another_language_is_refused_in_words(language: str) -> None:
    answer = Visitor().post(CHOOSE, {"language": language}, headers=JSON)
    assert (answer.status_code, answer.json()) == (400, {"error": "There is no such language here."})
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies


@pytest.mark.django_db
def test_no_other_site_comes_after_the_choice_and_none_makes_it() -> None:
    for elsewhere in ("//evil.example/", "https://evil.example/"):
        assert Visitor().post(CHOOSE, {"language": "he", "next": elsewhere})["Location"] == "/gallery/"
    assert Visitor(csrf=True).post(CHOOSE, {"language": "he"}).status_code == 403


def test_a_page_of_ones_own_is_all_in_hebrew(member: Person) -> None:
    page = Visitor(member.user).get("/gallery/me/", headers={"Accept-Language": "he"}).text
    main = page.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    words = re.sub(r"<[^>]*>", " ", main).replace("Member", "").replace("Summer", "")
    assert re.findall(r"[A-Za-z]{3,}", words) == []


def test_the_words_of_the_apis_never_change(member: Person) -> None:
    answer = member.post("/me/selfie", {}, headers={"Accept-Language": "he"})
    assert answer.status_code == 400
    assert answer.json()["msg"].isascii()
