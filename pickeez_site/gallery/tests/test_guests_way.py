"""The whole way of a guest and of an owner through the gallery, in Chromium, on a running server with the real engine."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from conftest import SHARED
from pickeez_site.gallery.tests.chromium import COMPUTER, PHONE, Visitor, as_file, chromium, drawing
from pickeez_site.operations.demo import pictures as demo
from pickeez_site.operations.demo.client import Client
from pickeez_site.tests.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.real_engine, pytest.mark.timeout(600)]

OWNER, GUEST, FRIEND, STRANGER = "12025550160", "12025550161", "12025550162", "12025550163"
BROKEN, HEIC = "broken.jpg", "from-the-phone.heic"


@dataclass
class Cast:
    """Photographs of the owner, the guest and their friends: their selfies, and files with whether they show the guest."""

    selfies: dict[str, bytes]
    shows_guest: dict[str, bytes] = field(default_factory=dict)
    others: dict[str, bytes] = field(default_factory=dict)


@pytest.fixture(scope="module")
def cast() -> Cast:
    """The development photos where they are, or else those of the demo."""
    folder = SHARED / "photos"
    if not folder.is_dir():
        album = dict(demo.album_pictures())
        grace = {name: album[name] for name in ("grace-mirrored.jpg", "grace-tilted.jpg", "together.jpg")}
        others = {name: album[name] for name in ("eileen-portrait.jpg", "eileen-mirrored.jpg")}
        return Cast({OWNER: demo.selfie("Eileen"), GUEST: demo.selfie("Grace")}, grace, others)

    def read(*names: str) -> dict[str, bytes]:
        return {Path(name).name: (folder / name).read_bytes() for name in names}

    def selfie(name: str) -> bytes:
        return (folder / name).read_bytes()

    return Cast(
        {OWNER: selfie("obama/obama.jpg"), GUEST: selfie("biden/biden.jpg"), FRIEND: selfie("leslie/img1.jpg")},
        read("biden/biden2.jpg", "together/obama_and_biden.jpg", "together/two_people.jpg"),
        read("obama/obama2.jpg", "leslie/img2.jpg", "together/kit_with_rose.jpg"),
    )


@pytest.fixture(scope="module")
def program() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def stack(program: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("stack"), SMS_TO_PHONE_PER_HOUR="100")
    stack.migrate()
    try:
        stack.start("web", "worker", "scheduler")
        yield stack
        print(stack.logs())  # noqa: T201 - shown when the test fails
    finally:
        stack.stop()


def heic() -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    return drawing(9, "HEIF")


def ten_files() -> dict[str, bytes]:
    """Ten files: eight drawings, one of a phone of Apple's, and one that is cut off before its first row."""
    files = {f"drawing-{number}.jpg": drawing(number) for number in range(8)}
    return {**files, HEIC: heic(), BROKEN: drawing(8)[:400]}


@dataclass
class Story:
    """The album of the owner, whose friends are invited. `names` are of its photos."""

    stack: Stack
    owner: Client
    album_id: str
    names: dict[str, str]

    @property
    def path(self) -> str:
        return f"{self.stack.url}/gallery/albums/{self.album_id}/"


@pytest.fixture(scope="module")
def story(stack: Stack, cast: Cast) -> Story:
    """An album of four people with photos of some of them, all but the guest's own way done by an app."""
    owner, friend = Client(stack.url), Client(stack.url)
    for client, phone, name in ((owner, OWNER, "Olivia"), (friend, FRIEND, "Frida")):
        client.sign_in(phone, stack.data_dir / "outbox/sms")
        client.call("POST", "/set_fields", data={"field": "name", "val": name})
        if phone in cast.selfies:
            assert client.upload_selfie("selfie.jpg", cast.selfies[phone])
    album_id = owner.call("POST", "/albums/create", data={"name": "Reunion"})["_id"]
    owner.call("POST", f"/albums/{album_id}/invite_phones", json={"phones": [GUEST, FRIEND, STRANGER]})
    names = {}
    for number, (name, content) in enumerate({**cast.shows_guest, **cast.others}.items()):
        photo = (owner, friend)[number % 2].upload("/photos/", name, content, album_id=album_id)
        names[photo["_id"]] = name
    for client in (owner, friend):
        client.call("POST", f"/albums/{album_id}/done_uploading")
    owner.wait_until_done(album_id)
    return Story(stack, owner, album_id, names)


def test_a_guest_goes_the_whole_way_on_a_phone(program: Browser, story: Story, cast: Cast) -> None:
    guest = Visitor(program, story.stack, GUEST, PHONE)
    page = guest.page
    enters(guest)
    finds_exactly_their_photos(guest, story, cast)
    adds_ten_files(guest, story)
    likes_a_photo(guest)
    takes_their_photos_along(guest, story, cast)
    is_removed(guest, story, Visitor(program, story.stack, OWNER, COMPUTER))
    expected = (
        "ERR_INTERNET_DISCONNECTED",
        "403 (Forbidden)",
        "404 (Not Found)",
    )  # cut off, a wrong code, removed
    assert [said for said in guest.problems if not any(words in said for words in expected)] == []
    page.context.close()


def enters(guest: Visitor) -> None:
    """From the SMS by the code and a selfie to their photos."""
    page = guest.page
    link = guest.wait_for_sms(r"(http\S+/i/\S+)")
    page.goto(link)
    expect(page.get_by_role("heading", name="Reunion")).to_be_visible()
    expect(page.get_by_text("Olivia invites you to")).to_be_visible()
    guest.assert_fits()
    guest.press(re.compile("Send me a code"))
    page.get_by_label("The six digits").fill("000000")
    guest.press("Open the album")
    expect(page.get_by_role("alert")).to_contain_text("This code is wrong")
    guest.enter_code("Open the album")
    expect(page.get_by_role("heading", name="Which photos are you on?")).to_be_visible()
    guest.assert_fits()


def finds_exactly_their_photos(guest: Visitor, story: Story, cast: Cast) -> None:
    page = guest.page
    page.get_by_label("What are you called?").fill("Grace")
    two = drawing(0)
    page.locator("#file").set_input_files(as_file("nobody.jpg", two))
    guest.press("Find my photos")
    expect(
        page.locator(".error, .notice.error").filter(has_text=re.compile("face|you", re.IGNORECASE)).first
    ).to_be_visible()
    page.locator("#file").set_input_files(as_file("me.jpg", cast.selfies[GUEST]))
    guest.press("Find my photos")
    count = len(cast.shows_guest)
    expect(page.get_by_role("heading", name=f"{count} photos of you", exact=True)).to_be_visible()
    guest.assert_fits()
    page.goto(f"{story.path}me/")
    assert {story.names[tile] for tile in guest.tiles} == set(cast.shows_guest)
    guest.assert_fits()


def adds_ten_files(guest: Visitor, story: Story) -> None:
    """One of them is a HEIC, one is broken, and the connection is cut once."""
    page = guest.page
    files = ten_files()
    page.goto(story.path)
    guest.follow("Add photos")
    expect(page.locator("#add.live")).to_be_visible()  # the scripts are there
    guest.context.set_offline(True)
    page.locator("#files").set_input_files([as_file(name, content) for name, content in files.items()])
    expect(page.get_by_text("No connection. It goes on by itself").first).to_be_visible()
    guest.context.set_offline(False)
    expect(page.locator("#finished")).to_be_visible()
    guest.assert_fits()
    guest.follow("To the album")
    total = len(story.names) + len(files)
    expect(page.locator(".tiles > li")).to_have_count(total)
    expect(page.locator("#live")).to_be_hidden()
    expect(page.locator(".tiles img")).to_have_count(total - 1)
    expect(page.get_by_text("This picture cannot be shown.")).to_be_visible()
    guest.assert_fits()


def likes_a_photo(guest: Visitor) -> None:
    page = guest.page
    page.locator(".tiles img").first.click()
    viewer = page.locator("#viewer")
    with page.expect_response(re.compile("/like/")):
        viewer.get_by_role("button", name="Like").click()
    expect(viewer.get_by_role("button", name="Like")).to_have_attribute("aria-pressed", "true")
    viewer.get_by_role("button", name="Close").click()
    expect(viewer).to_be_hidden()
    guest.follow(re.compile("^Liked"))
    expect(page.locator(".tiles > li")).to_have_count(1)


def takes_their_photos_along(guest: Visitor, story: Story, cast: Cast) -> None:
    page = guest.page
    page.goto(story.path)
    guest.follow("Download")
    guest.press(re.compile("Download.*of you|Download.*me", re.IGNORECASE))
    link = page.get_by_role("link", name="Save it")
    expect(link).to_be_visible()
    with page.expect_download() as download:
        link.click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        assert sorted(len(archive.read(name)) for name in archive.namelist()) == sorted(
            len(content) for content in cast.shows_guest.values()
        )


def is_removed(guest: Visitor, story: Story, owner: Visitor) -> None:
    owner.sign_in()
    owner.page.goto(f"{story.path}guests/")
    owner.page.locator("li", has_text="Grace").get_by_role("link", name="Remove").click()
    owner.press("Remove from the album")
    expect(owner.page.get_by_text("Removed (1)")).to_be_visible()
    assert owner.problems == []
    owner.context.close()
    page = guest.page
    answer = page.goto(story.path)
    assert answer is not None
    assert answer.status == 404
    expect(page.locator("main")).to_contain_text("not yours to see")
    guest.assert_fits()
    page.goto(f"{story.stack.url}/gallery/")
    expect(page.get_by_role("heading", name="No albums yet")).to_be_visible()


def test_without_scripts_one_can_look(program: Browser, story: Story) -> None:
    friend = Visitor(program, story.stack, FRIEND, {**PHONE, "java_script_enabled": False})
    friend.sign_in()
    page = friend.page
    page.goto(story.path)
    count = page.locator(".tiles img").count()
    assert count >= len(story.names)
    page.locator(".tiles a").first.click()
    expect(page.locator(".stage > img")).to_be_visible()
    friend.follow("Older photo")
    expect(page.get_by_role("link", name="Newer photo")).to_be_visible()
    for name in ("People", re.compile("^Me"), re.compile("^Liked"), "Download"):
        page.goto(story.path)
        friend.follow(name)
        expect(page.locator("main")).to_be_visible()
    page.goto(f"{story.stack.url}/gallery/")
    friend.follow("Reunion")
    expect(page.locator(".tiles img")).to_have_count(count)
    friend.context.close()
