"""The whole way of an album's owner through the gallery, in Chromium at a computer, and of who comes to them."""

import json
import re
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from pickeez_site.gallery.tests.chromium import COMPUTER, PHONE, Visitor, as_file, chromium, drawing
from pickeez_site.operations.demo.client import Client
from pickeez_site.tests.services.shared_album import FAKE_ENGINE, wait_until
from pickeez_site.tests.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]

OWNER, GUEST, PASSER_BY = "12025550170", "12025550171", "12025550172"
EMAIL = "anna@example.com"
PHOTOS = 4


@pytest.fixture(scope="module")
def program() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def stack(program: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("stack"), 1, **FAKE_ENGINE)
    with stack.running("web", "worker", "scheduler"):
        yield stack
        print(stack.logs())  # noqa: T201 - shown when the test fails


def test_an_owner_goes_the_whole_way_at_a_computer(program: Browser, stack: Stack) -> None:
    owner = Visitor(program, stack, OWNER, COMPUTER)
    album = makes_an_album(owner)
    invites(owner)
    link = makes_an_open_link(owner)
    adds_photos(owner, album)
    comes_by_the_link(Visitor(program, stack, PASSER_BY, PHONE), link)
    comes_by_email_and_leaves(Visitor(program, stack, "", PHONE), album)
    sees_who_has_come(owner, album)
    deletes_a_photo_while_others_arrive(owner, album)
    restores_the_photo(owner, album)
    removes_who_came_by_the_link(owner, album)
    switches_the_public_page(owner, Visitor(program, stack, "", PHONE), album)
    looks_without_scripts(program, owner, album)
    deletes_themself(owner, album)
    expected = ("404 (Not Found)", "400 (Bad Request)")  # the album that is gone; the word that is not typed
    assert [said for said in owner.problems if not any(words in said for words in expected)] == []
    owner.context.close()


def makes_an_album(owner: Visitor) -> str:
    """Returns the album's address."""
    page = owner.page
    owner.sign_in()
    page.get_by_label("What are you called?").fill("Olivia")
    owner.follow("Later")
    expect(page.get_by_role("heading", name="No albums yet")).to_be_visible()
    owner.assert_fits()
    owner.follow("New album")
    page.get_by_label("Name").fill("   ")
    owner.press("Make the album")
    expect(page.get_by_role("alert")).to_contain_text("Please type a name")
    page.get_by_label("Name").fill("Wedding")
    owner.press("Make the album")
    expect(page.get_by_role("heading", name="Guests", exact=True)).to_be_visible()
    owner.assert_fits()
    return page.url.removesuffix("guests/")


def invites(owner: Visitor) -> None:
    page = owner.page
    page.get_by_label("Phone numbers or e-mail addresses").fill(f"Gus +{GUEST}, Anna <{EMAIL}>, nonsense")
    owner.press("Invite")
    expect(page.get_by_text("2 invitations are on their way.")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("nonsense")
    page.get_by_role("link", name="Waiting (2)").click()
    expect(page.locator(".guests li")).to_have_count(2)
    expect(page.locator(".guests")).to_contain_text(EMAIL)


def makes_an_open_link(owner: Visitor) -> str:
    """Returns its address, which its QR code says, too."""
    page = owner.page
    owner.press("Make the link")
    expect(page.get_by_text("Whoever has the link can join now.")).to_be_visible()
    address = page.get_by_label("The link").input_value()
    code = page.get_by_role("img", name="QR code of the open link")
    expect(code).to_be_visible()
    assert read_qr_code(code) == address
    owner.assert_fits()
    return address


def read_qr_code(picture: Locator) -> str:
    seen = cv2.imdecode(np.frombuffer(picture.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    assert seen is not None
    text, _corners, _straight = cv2.QRCodeDetector().detectAndDecode(seen)
    return text


def adds_photos(owner: Visitor, album: str) -> None:
    page = owner.page
    page.goto(album)
    owner.follow("Add the first photos")
    expect(page.locator("#add.live")).to_be_visible()
    files = [as_file(f"{number}.jpg", drawing(number)) for number in range(PHOTOS)]
    page.locator("#files").set_input_files(files)
    expect(page.locator("#finished")).to_be_visible()
    owner.follow("To the album")
    expect(page.locator(".tiles img")).to_have_count(PHOTOS)
    expect(page.locator("#live")).to_be_hidden()
    owner.assert_fits()


def comes_by_the_link(guest: Visitor, link: str) -> None:
    page = guest.page
    page.goto(link)
    guest.follow("Sign in to join")
    page.get_by_label("Phone number or e-mail address").fill(f"+{guest.phone}")
    guest.press("Send me a code")
    guest.enter_code("Sign in")
    expect(page.get_by_role("heading", name="Wedding")).to_be_visible()
    guest.press("Join the album")
    guest.follow("Later")
    expect(page.locator(".tiles img")).to_have_count(PHOTOS)
    assert guest.problems == []
    guest.context.close()


def comes_by_email_and_leaves(anna: Visitor, album: str) -> None:
    page = anna.page
    page.goto(found_in_email(anna.stack, r"(http\S+/i/\S+)"))
    anna.press(re.compile("Send me a code"))
    expect(page.get_by_label("The six digits")).to_be_visible()
    page.get_by_label("The six digits").fill(found_in_email(anna.stack, r"\b(\d{6})\b"))
    anna.press("Open the album")
    anna.follow("Later")
    expect(page.locator(".tiles img")).to_have_count(PHOTOS)
    anna.follow("Leave")
    anna.press("Leave the album")
    expect(page.get_by_text("You have left the album.")).to_be_visible()
    answer = page.goto(album)
    assert answer is not None
    assert answer.status == 404
    anna.context.close()


def found_in_email(stack: Stack, pattern: str) -> str:
    """Returns what the first group finds in the newest e-mail that has it, when it has come."""
    found: list[str] = []

    def has_come() -> bool:
        for file in sorted((stack.data_dir / "outbox/email").glob("*.json"), reverse=True):
            if match := re.search(pattern, json.loads(file.read_text())["body"]):
                found.append(match[1])
                return True
        return False

    wait_until(has_come, what=f"an e-mail with {pattern}")
    return found[0]


def sees_who_has_come(owner: Visitor, album: str) -> None:
    page = owner.page
    page.goto(album)
    owner.follow("Guests")
    page.get_by_role("link", name="Have come (1)").click()
    expect(page.locator(".guests li")).to_contain_text("came by the open link")
    page.get_by_role("link", name="Removed (1)").click()
    expect(page.locator(".guests li")).to_contain_text("left on")


def deletes_a_photo_while_others_arrive(owner: Visitor, album: str) -> None:
    """The grid was asked for before the photo was deleted, and comes when it is gone: it stays gone."""
    page, app = owner.page, Client(owner.stack.url)
    app.sign_in(OWNER, owner.stack.data_dir / "outbox/sms")
    album_id = album.rstrip("/").rpartition("/")[2]
    app.upload("/photos/", "late.jpg", drawing(6), album_id=album_id)  # the album is being processed now
    held: list[Route] = []
    page.route("**/*part=grid*", lambda route: held.append(route))  # noqa: PLW0108 - it is to be a function
    page.goto(album)
    expect(page.locator("#live")).to_be_visible()
    app.upload("/photos/", "later.jpg", drawing(7), album_id=album_id)
    while not held:
        page.wait_for_timeout(20)  # lets the handler of the route run
    early = held[0].fetch()
    gone = page.locator(".tiles > li").filter(has=page.locator("img")).first.get_attribute("id")
    page.locator(".tiles img").first.click()
    viewer = page.locator("#viewer")
    viewer.locator(".delete summary").click()
    viewer.get_by_role("button", name="Delete this photo").click()
    expect(page.locator(f"#{gone}")).to_have_count(0)
    viewer.get_by_role("button", name="Close").click()
    held[0].fulfill(response=early)
    page.unroute("**/*part=grid*")
    for route in held[1:]:
        route.continue_()
    app.call("POST", f"/albums/{album_id}/done_uploading")
    arrived = page.get_by_role("button", name="Show new photos")
    expect(arrived.or_(page.locator("#live[hidden]"))).not_to_have_count(0)
    if arrived.is_visible():
        arrived.click()
    expect(page.locator(".tiles > li")).to_have_count(PHOTOS + 1)
    expect(page.locator(f"#{gone}")).to_have_count(0)


def restores_the_photo(owner: Visitor, album: str) -> None:
    page = owner.page
    page.goto(f"{owner.stack.url}/gallery/")
    page.locator("summary", has_text="Your account").click()
    owner.follow("Trash")
    expect(page.locator("img.trashed")).to_be_visible()
    owner.press("Bring back")
    expect(page.get_by_text("The photo is back.")).to_be_visible()
    page.goto(album)
    expect(page.locator(".tiles > li")).to_have_count(PHOTOS + 2)


def removes_who_came_by_the_link(owner: Visitor, album: str) -> None:
    page = owner.page
    page.goto(f"{album}guests/?show=joined")
    page.get_by_role("link", name="Remove", exact=True).click()
    owner.press("Remove from the album")
    expect(page.get_by_role("link", name="Removed (2)")).to_be_visible()
    page.get_by_role("link", name="Have come (0)").click()
    expect(page.get_by_text("Nobody has come yet.")).to_be_visible()


def switches_the_public_page(owner: Visitor, stranger: Visitor, album: str) -> None:
    page = owner.page
    public = f"{owner.stack.url}/invite_page?album_id={album.rstrip('/').rpartition('/')[2]}"
    page.goto(f"{album}settings/")
    for wanted, status in ((False, 404), (True, 200)):
        page.get_by_label("Public page").set_checked(wanted)
        owner.press("Save")
        expect(page.get_by_text("Saved.")).to_be_visible()
        answer = stranger.page.goto(public)
        assert answer is not None
        assert answer.status == status
    expect(stranger.page.get_by_role("heading", name="Wedding")).to_be_visible()
    stranger.assert_fits()
    stranger.context.close()


def looks_without_scripts(program: Browser, owner: Visitor, album: str) -> None:
    context = program.new_context(
        viewport={"width": 1440, "height": 900},
        java_script_enabled=False,
        storage_state=owner.context.storage_state(),
    )
    page = context.new_page()
    page.goto(album)
    for link in ("Guests", "Settings", "Download", "People", re.compile("^Liked"), "Add photos"):
        page.goto(album)
        page.get_by_role("link", name=link).first.click()
        expect(page.locator("main h1, main h2").first).to_be_visible()
    page.goto(album)
    expect(page.locator(".tiles img")).to_have_count(PHOTOS + 2)
    page.locator(".tiles a").first.click()
    expect(page.locator(".stage > img")).to_be_visible()
    page.goto(f"{album}guests/")
    page.locator("summary", has_text="Change the link").click()
    expect(page.get_by_label("Lets people in")).to_be_checked()
    page.goto(f"{owner.stack.url}/gallery/")
    expect(page.get_by_role("link", name="Wedding")).to_be_visible()
    context.close()


def deletes_themself(owner: Visitor, album: str) -> None:
    page = owner.page
    page.goto(f"{owner.stack.url}/gallery/delete-me/")
    expect(page.get_by_text("your 1 album, with all photos in it")).to_be_visible()
    owner.press("Delete me and all that is mine")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was deleted")
    page.get_by_label(re.compile("^Type")).fill("delete")
    owner.press("Delete me and all that is mine")
    expect(page.get_by_text("You and all that was yours are deleted.")).to_be_visible()
    page.goto(album)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert owner.stack.rows("SELECT count(*) FROM albums_album") == [(0,)]
