"""The pages of the gallery on a server that has played the demo, for whoever looks at all of them in Chromium."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from pickeez_site.tests.screenshots import EILEEN, FRIEND, GRACE, DemoStack, invite

NOBODY = "nobody"
PATIENCE = 60_000  # milliseconds
NOT_FOUND = ("404 (Not Found)",)
Act = Callable[[Page], None]


def _nothing(page: Page) -> None:
    pass


@dataclass(frozen=True)
class Stop:
    """A page of the tour: who looks (a phone number, or nobody), where, and what they do there first."""

    name: str
    who: str
    path: str
    act: Act = _nothing
    expected: tuple[str, ...] = ()  # how messages of the console end that are no faults


@dataclass(frozen=True)
class Tour:
    """A server with an open link, an invitation that waits, and a photo in the trash; `states` are who is signed in."""

    stack: DemoStack
    states: dict[str, StorageState]
    stops: list[Stop]

    def context(self, browser: Browser, who: str, *, width: int, scheme: str) -> BrowserContext:
        """Opens a browser of this width, in light or dark, in which somebody is signed in."""
        phone = width < 600
        context = browser.new_context(
            viewport={"width": width, "height": 844 if phone else 900},
            color_scheme="dark" if scheme == "dark" else "light",
            storage_state=self.states.get(who),
            has_touch=phone,
            is_mobile=phone,
            locale="en-GB",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        return context


def prepare(browser: Browser, stack: DemoStack) -> Tour:
    """Signs the demo's people in, makes what the pages need, and returns the tour."""
    states, album = {}, ""
    for phone in (GRACE, EILEEN):
        context = browser.new_context(locale="en-GB")
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(stack.manage("sign_in_link", "--user", phone).split()[-1])
        page.get_by_role("button", name="Sign in on this device").click()
        page.locator(".album a").first.click()
        page.locator(".tiles").first.wait_for()
        album = page.url.removeprefix(stack.url)
        states[phone] = context.storage_state()
        if phone == EILEEN:
            _make_what_is_shown(page, stack.url + album)
        context.close()
    links = _links(browser, stack, states[EILEEN], album)
    return Tour(
        stack,
        states,
        [
            *_of_nobody(stack.link_to(FRIEND).removeprefix(stack.url), links["open"], album),
            *_of_a_guest(album),
            *_of_the_owner(album, links["remove"]),
        ],
    )


def _make_what_is_shown(owner: Page, album: str) -> None:
    invite(owner, f"{album}guests/")
    owner.get_by_role("button", name="Make the link").click()
    owner.locator("#open-link-address").wait_for()
    owner.goto(album)
    owner.locator(".tiles a").last.click()
    owner.locator(".delete summary").click()
    owner.get_by_role("button", name="Delete this photo").click()
    owner.locator(".tiles").first.wait_for()


def _links(browser: Browser, stack: DemoStack, owner: StorageState, album: str) -> dict[str, str]:
    """Returns the paths of the open link, and of the page that removes a guest."""
    context = browser.new_context(storage_state=owner, locale="en-GB")
    page = context.new_page()
    page.goto(f"{stack.url}{album}guests/?show=joined")
    address = page.locator("#open-link-address").input_value()
    remove = page.get_by_role("link", name="Remove").first.get_attribute("href") or ""
    context.close()
    return {"open": re.sub(r"^https?://[^/]+", "", address), "remove": remove}


def _of_nobody(invitation: str, open_link: str, album: str) -> Iterator[Stop]:
    yield Stop("sign-in", NOBODY, "/gallery/sign-in/")
    yield Stop("sign-in-wrong", NOBODY, "/gallery/sign-in/", _press("Send me a code"), ("400 (Bad Request)",))
    yield Stop("invitation", NOBODY, invitation)
    yield Stop("invitation-code", NOBODY, f"{invitation}?step=code")
    yield Stop("invitation-dead", NOBODY, "/i/none-such", expected=NOT_FOUND)
    yield Stop("open-link", NOBODY, open_link)
    yield Stop("open-link-dead", NOBODY, "/o/none-such", expected=NOT_FOUND)
    yield Stop("offline", NOBODY, "/gallery/offline/")
    yield Stop("public-page", NOBODY, "/invite_page?album_id=" + album.split("/")[3])


def _of_a_guest(album: str) -> Iterator[Stop]:
    yield Stop("home", GRACE, "/gallery/")
    yield Stop("home-menu", GRACE, "/gallery/", _click("summary.button"))
    yield Stop("me", GRACE, "/gallery/me/")
    yield Stop("selfie", GRACE, "/gallery/me/selfie/")
    yield Stop("people", GRACE, "/gallery/people/")
    yield Stop("devices", GRACE, "/gallery/devices/")
    yield Stop("delete-me", GRACE, "/gallery/delete-me/")
    yield Stop("refused", GRACE, "/gallery/none-such/", expected=NOT_FOUND)
    for tab in ("me", "people", "liked"):
        yield Stop(f"album-{tab}", GRACE, f"{album}{tab}/")
    yield Stop("album-select", GRACE, album, _press("Select"))
    yield Stop("viewer", GRACE, album, _open_viewer)
    yield Stop("photo", GRACE, album, _open_photo)
    yield Stop("add", GRACE, f"{album}add/")
    yield Stop("download", GRACE, f"{album}download/")
    yield Stop("zip", GRACE, f"{album}download/", _make_zip)
    yield Stop("leave", GRACE, f"{album}leave/")


def _of_the_owner(album: str, remove: str) -> Iterator[Stop]:
    yield Stop("album", EILEEN, album)
    yield Stop("album-people", EILEEN, f"{album}people/")
    yield Stop("new-album", EILEEN, "/gallery/albums/new/")
    yield Stop("guests", EILEEN, f"{album}guests/")
    yield Stop("guests-waiting", EILEEN, f"{album}guests/?show=waiting", _click("details:not(.menu) > summary"))
    yield Stop("remove-guest", EILEEN, remove)
    yield Stop("settings", EILEEN, f"{album}settings/")
    yield Stop("delete-album", EILEEN, f"{album}delete/")
    yield Stop("trash", EILEEN, "/gallery/trash/")


def _press(name: str) -> Act:
    return lambda page: page.get_by_role("button", name=name).first.click()


def _click(selector: str) -> Act:
    return lambda page: page.locator(selector).first.click()


def _open_viewer(page: Page) -> None:
    page.locator(".tiles img").first.click()
    page.locator("#viewer .panel .facts").first.wait_for()


def _open_photo(page: Page) -> None:
    path = page.locator(".tiles a", has=page.locator("img")).first.get_attribute("href")
    page.goto(page.url.split("/gallery/")[0] + str(path))


def _make_zip(page: Page) -> None:
    page.locator(".things form button").first.click()
    page.locator("#zip-link:not([hidden])").wait_for()
