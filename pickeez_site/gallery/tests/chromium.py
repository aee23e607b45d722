"""People at browsers of their own, in Chromium, on a running server: what the tests of whole ways share."""

import io
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect, sync_playwright

from pickeez_site.tests.services.shared_album import wait_until
from pickeez_site.tests.stack import Stack

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
PATIENCE = 40_000  # milliseconds
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
COMPUTER = {"viewport": {"width": 1440, "height": 900}}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Starts Chromium; skips the test where there is none."""
    if PROGRAM is None:
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
        yield started
        started.close()


def as_file(name: str, content: bytes) -> FilePayload:
    return FilePayload(name=name, mimeType="image/heic" if name.endswith("heic") else "image/jpeg", buffer=content)


def drawing(number: int, form: str = "JPEG") -> bytes:
    """A picture without people, each another one."""
    picture = Image.linear_gradient("L").resize((900, 640)).convert("RGB")
    ImageDraw.Draw(picture).rectangle(
        (60 * number, 40 * number, 60 * number + 90, 600), fill=(200, 30 + 20 * number, 60)
    )
    file = io.BytesIO()
    picture.save(file, form)
    return file.getvalue()


class Visitor:
    """Somebody at a browser of their own. `problems` are the errors that its console has shown."""

    def __init__(self, program: Browser, stack: Stack, phone: str, device: dict) -> None:
        self.stack, self.phone = stack, phone
        self.context: BrowserContext = program.new_context(**device, accept_downloads=True)
        self.context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        self.page: Page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("console", lambda said: self.problems.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))

    def sms(self) -> str:
        """The newest SMS to the phone."""
        files = sorted((self.stack.data_dir / "outbox/sms").glob("*.json"), reverse=True)
        messages = (json.loads(file.read_text()) for file in files)
        return next((str(message["body"]) for message in messages if message["to"] == self.phone), "")

    def wait_for_sms(self, pattern: str) -> str:
        """What the first group of the pattern finds in the newest SMS, when it has come."""
        wait_until(lambda: re.search(pattern, self.sms()) is not None, what=f"an SMS with {pattern}")
        found = re.search(pattern, self.sms())
        assert found
        return found[1]

    def press(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def follow(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def enter_code(self, button: str) -> None:
        self.page.get_by_label("The six digits").fill(self.wait_for_sms(r"code is (\d{6})"))
        self.press(button)

    def sign_in(self) -> None:
        self.page.goto(f"{self.stack.url}/gallery/")
        self.page.get_by_label("Phone number or e-mail address").fill(f"+{self.phone}")
        self.press("Send me a code")
        self.enter_code("Sign in")

    def assert_fits(self) -> None:
        """Asserts that nothing is wider than the screen."""
        assert self.page.viewport_size is not None
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width == self.page.viewport_size["width"], self.page.url

    @property
    def tiles(self) -> list[str]:
        return self.page.evaluate("[...document.querySelectorAll('.tiles > li')].map((tile) => tile.id.slice(2))")
