"""Names that people may have, of users, albums, people and files, are text on every page."""

# ruff: noqa: RUF001 - names of all scripts

import html.parser
import random
import string
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.template import engines
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from accounts.models import User
from albums.models import Album, Invitation, OpenLink
from albums.services import create_album, set_open_link
from albums.services.links import address_of_open_link
from photos.models import Photo
from photos.tests.builders import place_photos
from pickeez_site.gallery.tests.browsers import browser, text_of
from pickeez_site.gallery.views.album import Tile
from pickeez_site.gallery.views.guests import Guest
from pickeez_site.gallery.views.people import Card

pytestmark = pytest.mark.django_db

MARK = "xyzzy"  # what scripts, elements and attributes in the names are called
SPECIAL = [
    f"<script>{MARK}()</script>",
    f"</title><script>{MARK}()</script>",
    f"</textarea><img src={MARK} onerror={MARK}()>",
    f'"><svg/onload={MARK}()>',
    f"' onmouseover='{MARK}()",
    f'" autofocus onfocus="{MARK}()',
    f"javascript:{MARK}()",
    f"</script><!--{MARK}-->",
    f"<{MARK} a=b>",
    f"<iframe srcdoc='<b {MARK}>'>",
    f"\\x3cscript\\x3e{MARK}\\x3c/script\\x3e",
    f"\\u003cscript>{MARK}</script>",
    f"＜script＞{MARK}＜/script＞",
    f"<scr\u200bipt>{MARK}</scr\u200bipt>",
    f"%3Cscript%3E{MARK}%3C/script%3E",
    f"&lt;script&gt;{MARK}&lt;/script&gt; &amp;amp; &#60;b {MARK}&#62;",
    f"{{{{ {MARK} }}}} {{% {MARK} %}} {{# {MARK} #}} ${{{MARK}}} #{{{MARK}}}",
    "%s %d %(name)s %n {} {0} {name} {number}",
    "../../../etc/passwd",
    "NULL",
    "'; DROP TABLE users; --",
    "مرحبا \u202etxt.gpj\u202c עולם",
    "\u200b\u200c\u200d\u2060\ufeff",
    "👩‍👩‍👧‍👦🏳️‍🌈🇺🇳",
    "Z̷̛̖̪͓͎͉͊̀͊a̴͕͍̍͒l̸̥͛g̵̘̏o̶͚͋",
    "ﷺ" * 40,
    "𝕿𝖍𝖊 𝖖𝖚𝖎𝖈𝖐 ﬀ ǅ ß İ ı",
    "田中さんにあげて下さい พูดไทย 한국어 हिन्दी",
    "-1e999",
    ".",
    "a" * 200,
    "W" * 150 + " " + "i" * 40,
]
PARTS = [
    '"',
    "'",
    "<",
    ">",
    "/>",
    "&",
    "&#x3c;",
    "`",
    "=",
    f"onload={MARK}",
    f"<b {MARK}>",
    f"</a {MARK}>",
    "{{",
    "%}",
    "\\",
]


def generated(number: int) -> list[str]:
    """The same names in every run: parts of markup, letters and characters of all planes, mixed."""
    dice = random.Random(11_000)
    letters = string.ascii_letters + "äñ中א\u0301\u200d😀 "
    return [
        "".join(dice.choice([*PARTS, dice.choice(letters)]) for _ in range(dice.randint(1, 24))).strip() or "-"
        for _ in range(number)
    ]


NAMES = [*SPECIAL, *generated(220)]
PER_ALBUM = 8


class Elements(html.parser.HTMLParser):
    """The elements, attributes and scripts' contents of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [tag, *(name for name, _ in attributes)]
        self.found += [
            f"{name}={value}" for name, value in attributes if name in ("href", "src", "action") and value
        ]
        self._in_script = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self.found.append(tag)
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.found.append(data)

    def handle_comment(self, data: str) -> None:
        self.found.append(data)


def assert_only_text(page: str, where: str) -> None:
    parser = Elements()
    parser.feed(page)
    bad = [
        part
        for part in parser.found
        if (MARK in part and not part.startswith(("href=sms:", "href=mailto:")))
        or part.startswith("on")
        or part.lower().startswith(("href=javascript:", "src=javascript:"))
    ]
    assert bad == [], where


def albums() -> Iterator[tuple[Album, User]]:
    """Albums whose names, guests, people and files have the names; each with a guest to whom they are shown, too."""
    for start in range(0, len(NAMES), PER_ALBUM):
        names = NAMES[start : start + PER_ALBUM]
        users = [User.objects.create_user(name=name) for name in names]
        album = create_album(owner=users[0], name=names[-1])
        Album.objects.filter(pk=album.pk).update(description=names[0])
        for number, user in enumerate(users[1:]):
            Invitation.objects.create(album=album, claimed_by=user, phone=f"1202555{start + number:04}")
        place_photos(album, users[1], len(names))
        for photo, name in zip(album.photos.order_by("pk"), names, strict=True):
            Photo.objects.filter(pk=photo.pk).update(sort_order=name[:90])
        yield album, users[1]


def pages_of(album: Album) -> tuple[list[str], list[str]]:
    """The addresses for the owner alone, and for all members."""
    own, photo = f"/gallery/albums/{album.pk}/", album.photos.order_by("pk").last()
    assert photo is not None
    invitation = album.invitations.filter(claimed_by__isnull=False).order_by("pk").last()
    assert invitation is not None
    owners = [f"{own}guests/", f"{own}guests/{invitation.pk}/remove/", f"{own}settings/", f"{own}delete/"]
    members = [own, f"{own}people/", f"{own}add/", f"{own}download/", f"{own}photos/{photo.pk}/", "/gallery/"]
    return [*owners, "/gallery/trash/"], [*members, "/gallery/me/", "/gallery/me/selfie/", "/gallery/devices/"]


def test_no_name_becomes_markup_on_any_page() -> None:
    for number, (album, guest) in enumerate(albums()):
        owners, members = pages_of(album)
        clients: list[tuple[Client, list[str]]] = [(browser(album.owner), owners), (browser(guest), members)]
        if number % 8 == 0:
            clients.append((browser(guest), [f"/gallery/albums/{album.pk}/leave/", "/gallery/delete-me/"]))
        for client, paths in clients:
            for path in paths:
                answer = client.get(path)
                assert answer.status_code == 200, path
                assert_only_text(text_of(answer), f"{path} of {album.name!r}")


MANY = 11_000
ROWS = '{% for guest in guests %}{% include "gallery/guest_row.html" %}{% endfor %}'
TITLES = (
    """{% for album_name in names %}<meta content="{% include 'gallery/invitation_title.html' %}">{% endfor %}"""
)


def test_eleven_thousand_names_are_text_in_every_list_of_names() -> None:
    """The parts of pages that repeat, each rendered once with all of the names, in text and in attributes."""
    names = [*SPECIAL, *generated(MANY - len(SPECIAL))]
    album = Album(name=names[0])
    rows = [Invitation(album=album, phone="1", claimed_by=User(name=name)) for name in names]
    guests = [Guest(row, None, "", "") for row in rows[::5]]
    tiles = [
        Tile(row.pk, "/", name, liked=True, failed=bool(n % 2), error=name, small="/" * (n % 3))
        for n, (row, name) in enumerate(zip(rows, names, strict=True))
    ]
    people = [
        Card(row.pk, str(row.claimed_by), 2, None, row.claimed_by, str(row.claimed_by), None) for row in rows[::5]
    ]
    engine = engines["django"]
    for rendered in (
        render_to_string("gallery/parts/grid.html", {"days": [(timezone.now(), tiles)]}),
        render_to_string("gallery/parts/people_cards.html", {"people": people}),
        engine.from_string("{% load i18n gallery %}" + ROWS).render({"guests": guests, "album": album}),
        engine.from_string(TITLES).render({"names": names, "owner_name": names[1]}),
    ):
        assert rendered.count("&lt;") > MANY / 5
        assert_only_text(rendered, "a list of names")


@pytest.mark.parametrize("name", SPECIAL)
def test_nor_on_the_pages_for_strangers(name: str) -> None:
    owner = User.objects.create_user(name=name)
    album = create_album(owner=owner, name=name)
    set_open_link(album=album, is_on=True, may_upload=True, expires_at=timezone.now() + timedelta(days=1))
    answer = Client().get(urlsplit(address_of_open_link(OpenLink.objects.get())).path)
    assert answer.status_code == 200
    assert_only_text(text_of(answer), name)


@pytest.mark.parametrize("name", [f"<{MARK}>" * 2000, "長" * 10_000, "\x00", " "])
def test_names_that_are_none_are_refused_in_words(name: str) -> None:
    user = User.objects.create_user(name="Alice")
    client = Client()
    client.force_login(user)
    for path, data in (("/gallery/me/name/", {"name": name}), ("/gallery/albums/new/", {"name": name})):
        answer = client.post(path, data)
        assert (answer.status_code, "This did not work" in text_of(answer)) == (400, path.endswith("me/name/"))
        assert_only_text(text_of(answer), path)
