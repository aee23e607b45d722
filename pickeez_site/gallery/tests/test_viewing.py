"""Looking at an album in a real browser: scrolling, the viewer over the grid, coming back, and all without scripts."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from albums.models import Album, Filtering
from albums.services import create_album
from conftest import picture
from faces.models import Sighting
from photos.models import Like, Original, Photo, Rendition
from photos.tests.builders import place_photo, place_photos
from pickeez_site.gallery.tests.browsers import browser as signed_in
from pickeez_site.gallery.views import album as album_views

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PHOTOS, PER_PAGE = 70, 24
PATIENCE = 30_000  # milliseconds
TOP = """() => {
  const tile = [...document.querySelectorAll(".tiles > li")].find((tile) => tile.getBoundingClientRect().bottom > 60);
  return [tile.id, Math.round(tile.getBoundingClientRect().top)];
}"""
SHIFTS = """() => new Promise((resolve) => {
  new PerformanceObserver((list) =>
    resolve(list.getEntries().reduce((sum, shift) => sum + (shift.hadRecentInput ? 0 : shift.value), 0)),
  ).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(0), 500);
})"""


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    if PROGRAM is None:
        pytest.skip("there is no Chromium here")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser's own loop runs in this thread
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox", "--disable-gpu"])
        expect.set_options(timeout=PATIENCE)  # on a busy machine
        yield started
        started.close()


@pytest.fixture
def album(monkeypatch: pytest.MonkeyPatch) -> Album:
    monkeypatch.setattr(album_views, "PAGE", PER_PAGE)
    owner = User.objects.create_user(name="Alice")
    album = create_album(owner=owner, name="Summer")
    place_photos(album, owner, PHOTOS, taken_at=datetime(2024, 7, 6, 12, tzinfo=UTC))
    content = picture(0, size=(480, 320), form="JPEG").read()
    shown = Rendition.objects.filter(kind__in=("small", "medium"))
    shown.update(key="same.jpg", width=480, height=320)
    default_storage.save("same.jpg", ContentFile(content))
    return album


def visit(program: Browser, live_server: LiveServer, album: Album, **options: Any) -> Page:
    """A page of the album's owner, open at the album."""
    context = program.new_context(**options)
    context.set_default_timeout(PATIENCE)
    cookie = signed_in(album.owner).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/gallery/albums/{album.pk}/")
    return page


def scroll_to_the_end(page: Page) -> None:
    """Scrolls until all photos are there, at the pace of a hand: a screen takes a fifth of a second."""
    for _ in range(100):
        if page.locator(".tiles > li").count() == PHOTOS:
            return
        page.mouse.wheel(0, 800)
        page.wait_for_timeout(200)
    pytest.fail("the photos did not come")


def test_photos_come_while_one_scrolls_and_nothing_jumps(
    program: Browser, live_server: LiveServer, album: Album
) -> None:
    page = visit(program, live_server, album, viewport={"width": 390, "height": 844})
    scroll_to_the_end(page)
    ids = page.evaluate("[...document.querySelectorAll('.tiles > li')].map((tile) => tile.id)")
    assert ids == [f"p-{pk}" for pk in Photo.objects.order_by("-pk").values_list("pk", flat=True)]
    assert page.locator(".day").count() == 1
    assert page.evaluate(SHIFTS) < 0.05
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_who_comes_back_finds_the_place(program: Browser, live_server: LiveServer, album: Album) -> None:
    page = visit(program, live_server, album)
    scroll_to_the_end(page)
    page.wait_for_timeout(500)  # until the wheel has come to rest
    was = page.evaluate(TOP)
    page.goto(f"{live_server.url}/gallery/")
    page.go_back()
    expect(page.locator(".tiles > li").nth(PHOTOS - 1)).to_be_attached()
    page.wait_for_function(f"(was) => JSON.stringify(({TOP})()) === JSON.stringify(was)", arg=was)


def test_a_photo_opens_over_the_grid_and_back_closes_it(
    program: Browser, live_server: LiveServer, album: Album
) -> None:
    page = visit(program, live_server, album, viewport={"width": 1440, "height": 900})
    page.wait_for_load_state("networkidle")
    start, tiles, viewer = page.url, page.locator(".tiles > li a"), page.locator("#viewer")
    addresses = [f"{live_server.url}{tiles.nth(number).get_attribute('href')}" for number in range(4)]
    tiles.nth(0).click()
    expect(viewer).to_be_visible()
    expect(page).to_have_url(addresses[0])
    expect(viewer.get_by_role("button", name="Newer photo")).to_be_hidden()
    expect(viewer.get_by_role("status").first).to_have_text("Photo by Alice, 6 Jul 2024 12:00")
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(addresses[1])
    page.wait_for_timeout(400)
    page.mouse.move(600, 400)  # a swipe
    page.mouse.down()
    page.mouse.move(300, 410, steps=5)
    page.mouse.up()
    expect(page).to_have_url(addresses[2])
    page.wait_for_timeout(400)
    viewer.get_by_role("button", name="Older photo").click()
    expect(page).to_have_url(addresses[3])
    page.wait_for_timeout(400)
    page.mouse.dblclick(500, 400)
    expect(viewer.locator(".current")).to_have_attribute("style", re.compile(r"scale\(2\.5\)"))
    viewer.get_by_role("button", name="Like").click()
    expect(viewer.get_by_role("button", name="Like")).to_have_attribute("aria-pressed", "true")
    expect(tiles.nth(3).locator(".liked")).to_be_attached()
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(page).to_have_url(start)
    expect(tiles.nth(3)).to_be_focused()
    assert [str(like.photo_id) in addresses[3] for like in Like.objects.filter(kind="like")] == [True]
    page.go_forward()
    expect(viewer).to_be_visible()
    page.go_back()
    expect(viewer).to_be_hidden()


def test_what_is_deleted_in_the_viewer_leaves_the_grid(
    program: Browser, live_server: LiveServer, album: Album
) -> None:
    page = visit(program, live_server, album)
    page.wait_for_load_state("networkidle")
    first, second = (page.locator(".tiles > li").nth(number).get_attribute("id") for number in range(2))
    page.locator(".tiles > li a").first.click()
    page.locator("#viewer summary").click()
    page.get_by_role("button", name="Delete this photo").click()
    expect(page).to_have_url(re.compile(f"/photos/{(second or '')[2:]}/"))
    expect(page.locator(f"[id='{first}']")).to_have_count(0)
    assert Photo.objects.alive().count() == PHOTOS - 1


def test_the_address_of_a_photo_opens_it_and_without_scripts_all_of_this_are_links_and_forms(
    program: Browser, live_server: LiveServer, album: Album
) -> None:
    page = visit(program, live_server, album, java_script_enabled=False)
    assert page.locator(".tiles > li").count() == PER_PAGE
    expect(page.get_by_text("Show new photos")).to_be_hidden()
    page.get_by_role("link", name="More photos").click()
    assert page.locator(".tiles > li").count() == PER_PAGE
    page.locator(".tiles > li a").first.click()
    before = page.url
    page.get_by_role("link", name="Older photo").click()
    page.get_by_role("link", name="Newer photo").click()
    assert page.url == before
    page.get_by_role("button", name="Like").click()
    assert page.url == before
    expect(page.get_by_text("Liked by: Alice")).to_be_visible()
    expect(page.get_by_role("button", name="Share")).to_be_hidden()


def test_the_number_of_ones_photos_goes_up_by_itself(
    program: Browser, live_server: LiveServer, album: Album
) -> None:
    waiting = place_photo(album, album.owner, status="new")
    page = visit(program, live_server, album)
    page.goto(f"{live_server.url}/gallery/me/")
    expect(page.get_by_role("heading", name="0 photos of you", exact=True)).to_be_visible()
    expect(page.get_by_text("We are still looking")).to_be_visible()
    page.evaluate("window.sameDocument = true")
    Sighting.objects.create(photo=album.photos.order_by("pk")[0], user=album.owner, found=True, by="builtin")
    expect(page.get_by_role("heading", name="1 photo of you", exact=True)).to_be_visible()
    Sighting.objects.create(photo=waiting, user=album.owner, found=True, by="builtin")
    Original.objects.update(status=Original.Status.READY)
    Filtering.objects.create(album=album)
    expect(page.get_by_role("heading", name="2 photos of you", exact=True)).to_be_visible()
    expect(page.get_by_text("We are still looking")).to_be_hidden()
    assert page.evaluate("window.sameDocument")


def test_without_a_network_a_page_says_so_and_comes_back(
    program: Browser, live_server: LiveServer, album: Album
) -> None:
    page = visit(program, live_server, album)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.goto(f"{live_server.url}/gallery/me/")
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.sheet')).maxWidth") != "none"
    )  # its look is kept
    kept = page.evaluate("caches.open('pickeez-1').then((c) => c.keys()).then((all) => all.map((one) => one.url))")
    assert [url for url in kept if "/static/" not in url] == [f"{live_server.url}/gallery/offline/"]
    page.context.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", name="No connection")).to_be_hidden()
