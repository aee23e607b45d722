"""Makes the pictures of the README from the demo, in Chromium: `make screenshots`."""

import io
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from pickeez_site.tests.services.shared_album import wait_until
from pickeez_site.tests.stack import ROOT, Stack

FOLDER = ROOT / "docs/pictures"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
EILEEN, GRACE, FRIEND = "12025550101", "12025550102", "12025550103"
PHONE, COMPUTER = ViewportSize(width=390, height=780), ViewportSize(width=1280, height=800)
QUALITY = 72
PATIENCE = 90_000  # milliseconds
DEMO_SECONDS = 300  # at most


def browser_program() -> str | None:
    """Returns the Chromium of this machine; None without one."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def main() -> None:
    program = browser_program()
    if program is None:
        sys.stdout.write(f"No pictures are made: there is none of {', '.join(PROGRAMS)} here.\n")
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_stack(Path(folder)) as stack,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        guest = signed_in(browser, stack, GRACE, PHONE)
        album = album_path(guest)
        owner = signed_in(browser, stack, EILEEN, COMPUTER)
        take(owner, album, "album")
        invite(owner, f"{album}guests/")
        take(new_page(browser, PHONE), stack.link_to(FRIEND), "invitation")
        take(guest, f"{stack.url}/gallery/me/", "photos-of-you")
        guest.goto(f"{album}me/")
        guest.locator(".tiles a").first.click()
        guest.locator("#viewer .current").wait_for()
        keep(guest, "photo")
        browser.close()


class DemoStack(Stack):
    def link_to(self, phone: str) -> str:
        """Waits for the SMS that invites the phone, and returns its link. Raises `TimeoutError`."""
        links: list[str] = []

        def has_come() -> bool:
            messages = (json.loads(file.read_text()) for file in (self.data_dir / "outbox/sms").glob("*.json"))
            links.extend(re.findall(r"http\S+/i/\S+", next((m["body"] for m in messages if m["to"] == phone), "")))
            return bool(links)

        wait_until(has_come, what=f"the invitation of {phone}")
        return links[0]


@contextmanager
def demo_stack(folder: Path) -> Iterator[DemoStack]:
    """Runs a server of its own that has played the demo."""
    stack = DemoStack(folder)
    with stack.running("web", "worker", "scheduler"):
        sys.stdout.write(stack.manage("play_demo", "--url", stack.url, seconds=DEMO_SECONDS))
        yield stack


def new_page(browser: Browser, size: ViewportSize) -> Page:
    context = browser.new_context(viewport=size, device_scale_factor=2 if size == PHONE else 1, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    return context.new_page()


def signed_in(browser: Browser, stack: Stack, phone: str, size: ViewportSize) -> Page:
    page = new_page(browser, size)
    page.goto(stack.manage("sign_in_link", "--user", phone).split()[-1])
    page.get_by_role("button", name="Sign in on this device").click()
    page.get_by_role("heading", name="Your albums").wait_for()
    return page


def album_path(page: Page) -> str:
    """Returns the address of the newest album on the page of albums."""
    page.locator(".album a").first.click()
    page.locator(".tiles").first.wait_for()
    return page.url


def invite(owner: Page, guests: str) -> None:
    owner.goto(guests)
    owner.get_by_label("Phone numbers or e-mail addresses").fill(f"+{FRIEND}")
    owner.get_by_role("button", name="Invite").click()
    owner.locator(".notice.success").wait_for()


def take(page: Page, url: str, name: str) -> None:
    page.goto(url)
    page.wait_for_load_state("networkidle")
    keep(page, name)


def keep(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)  # until what moves has come to rest
    path = FOLDER / f"{name}.webp"
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(path, quality=QUALITY, method=6)
    sys.stdout.write(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    main()
