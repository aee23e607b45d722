"""An operator's work in a real browser: failures, processing an album, merging people and undoing it."""

import io
import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect, sync_playwright

from pickeez_site.operations.demo.client import Client
from pickeez_site.tests.services.shared_album import FAKE_ENGINE, Draw, wait_until
from pickeez_site.tests.stack import Stack

pytestmark = pytest.mark.stack

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "for-tests-only"
PATIENCE = 30_000  # milliseconds
ALBUM = "Reunion"
REASON = "The picture is broken or incomplete."
# The same person in two colours is two people, until somebody says otherwise; by how many photos each is on.
PEOPLE = {"Grace as a girl": 2, "Grace Hopper": 3}


@pytest.fixture(scope="module")
def browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"there is no browser here: none of {', '.join(BROWSERS)}")
    return found


@pytest.fixture(scope="module")
def stack(browser: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Albums stay in the queue until an operator wants them processed."""
    settings = {"ALBUM_PROCESSOR": "external", "DJANGO_SUPERUSER_PASSWORD": PASSWORD, **FAKE_ENGINE}
    stack = Stack(tmp_path_factory.mktemp("stack"), **settings)
    stack.migrate()
    stack.manage("createsuperuser", "--noinput", "--username", "operator")
    try:
        stack.start("web", "worker")
        yield stack
        print(stack.logs())  # noqa: T201 - shown when the test fails
    finally:
        stack.stop()


@pytest.fixture
def album(stack: Stack, make_picture: Draw) -> str:
    """An album of one member, with photos of two people and one truncated file."""
    member = Client(stack.url)
    member.sign_in("12025550300", stack.data_dir / "outbox/sms")
    album = member.call("POST", "/albums/create", data={"name": ALBUM})["_id"]
    files = [
        make_picture(person, seed=10 * person + number).read()
        for person, photos in enumerate(PEOPLE.values())
        for number in range(photos)
    ]
    for number, content in enumerate([*files, truncated(make_picture(seed=99))]):
        member.upload("/photos/", f"{number}.png", content, album_id=album)
    finished = "SELECT count(*) FROM photos_original WHERE status IN ('ready', 'failed')"
    wait_until(lambda: stack.rows(finished) == [(len(files) + 1,)], what="looking at the photos")
    return album


def truncated(picture: io.BytesIO) -> bytes:
    """A PNG that ends before its first row."""
    return picture.read(60)


@pytest.fixture
def page(browser: str, stack: Stack) -> Iterator[Page]:
    """A browser that only reaches the server. Errors in its pages and requests to other servers fail the test."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=ARGUMENTS)
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        problems = collect_problems(context, stack.url)
        yield context.new_page()
        chromium.close()
    assert sorted(set(problems)) == []


def collect_problems(context: BrowserContext, own: str) -> list[str]:
    """Collects problems while the test runs: requests to other servers (which are blocked), error answers, script errors."""
    problems: list[str] = []

    def refuse(route: Route) -> None:
        problems.append(f"wanted {route.request.url}")
        route.abort()

    context.route(re.compile(f"^(?!{re.escape(own)}/)"), refuse)
    context.on("response", lambda answer: problems.append(answer.url) if answer.status >= 400 else None)
    context.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    context.on("weberror", lambda error: problems.append(str(error.error)))
    return problems


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/api/")
    page.get_by_role("link", name="Admin").click()
    page.get_by_label("Username").fill("operator")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def run_action(page: Page, action: str, *rows: str) -> None:
    """Ticks rows of a list and runs the action on them."""
    for row in rows:
        row_named(page, row).get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option(label=action)
    page.get_by_role("button", name="Go").click()


def row_named(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def go_to_list(page: Page, name: str) -> None:
    """Opens a list from the sidebar, and checks that no column is cut off."""
    row = page.get_by_role("navigation", name="Sidebar").get_by_role("row", name=re.compile(f"^{name}\\b"))
    row.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Select")
    assert page.locator(".results").evaluate("list => list.scrollWidth <= list.clientWidth")


def test_an_operators_day(stack: Stack, album: str, page: Page) -> None:
    sign_in(page, stack.url)
    see_why_a_photo_failed(page)
    process_its_album(page, stack)
    name_people(page, stack)
    merge_and_undo(page, stack)


def see_why_a_photo_failed(page: Page) -> None:
    """Follows the links from the first page to the failed photo and its album."""
    failures = page.get_by_role("figure").filter(has=page.get_by_role("heading", name="Failures by reason"))
    expect(failures.get_by_text("1 original has failed.")).to_be_visible()
    expect(failures.get_by_role("img", name=f"most often: {REASON}")).to_be_visible()
    failures.get_by_role("link", name="Failures by reason").click()
    only = page.get_by_role("row").filter(has_text=REASON)
    expect(only).to_have_count(1)
    only.get_by_role("link").first.click()
    page.get_by_role("region", name="Picture").get_by_role("link", name="photo", exact=True).click()
    picture = page.get_by_role("region", name="Picture")
    expect(picture.get_by_text(REASON)).to_be_visible()
    expect(picture.get_by_text("No picture: failed")).to_be_visible()
    picture.get_by_role("link", name=ALBUM).click()
    expect(page.get_by_role("heading", level=2, name=ALBUM)).to_be_visible()
    expect(page.get_by_role("link", name=REASON)).to_be_visible()


def process_its_album(page: Page, stack: Stack) -> None:
    """Sets the album as pending in the list of albums, and processes it from the queue."""
    queue, filtered = (
        "SELECT done_uploading, claim FROM albums_pendingalbum",
        "SELECT count(*) FROM albums_filtering",
    )
    assert stack.rows(queue) == [(False, None)], "it waits until it has been quiet for a while"
    go_to_list(page, "Albums")
    run_action(page, "Set pending", ALBUM)
    expect(page.get_by_text("1 albums are pending.")).to_be_visible()
    assert stack.rows(queue) == [(True, None)]
    assert stack.rows(filtered) == [(0,)]

    go_to_list(page, "Pending albums")
    expect(row_named(page, ALBUM)).to_contain_text("pending")
    run_action(page, "Process now", ALBUM)
    expect(page.get_by_text("1 albums are processed as soon as their photos are done.")).to_be_visible()
    wait_until(lambda: stack.rows(filtered) == [(1,)] and stack.rows(queue) == [], what="processing the album")

    go_to_list(page, "Albums")
    expect(row_named(page, ALBUM)).to_contain_text("done")
    row_named(page, ALBUM).get_by_role("link", name=ALBUM).click()
    expect(page.get_by_text("5 of 6 done, 1 failed, 0 to go")).to_be_visible()
    expect(page.get_by_role("link", name="1 time")).to_be_visible()
    expect(page.get_by_text("Not in the queue.")).to_be_visible()


def name_people(page: Page, stack: Stack) -> None:
    for name, faces in PEOPLE.items():
        go_to_list(page, "People")
        nameless = page.get_by_role("row").filter(has=page.get_by_role("cell", name=str(faces), exact=True))
        nameless.get_by_role("link", name="unnamed").click()
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(row_named(page, name)).to_be_visible()
    assert people(stack) == PEOPLE


def people(stack: Stack) -> dict[str, int]:
    """{name: number of faces} of everybody in the database."""
    theirs = "SELECT p.name, count(*) FROM faces_faceassignment a JOIN faces_person p ON p.id = a.person_id GROUP BY p.id"
    found = stack.rows(theirs)
    assert [(len(found),)] == stack.rows("SELECT count(*) FROM faces_person")
    return dict(found)


def merge_and_undo(page: Page, stack: Stack) -> None:
    girl, grace = PEOPLE
    run_action(page, "Merge into one person…", girl, grace)
    page.get_by_role("radio", name=grace).check()
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_text(f"Merged with {girl}.")).to_be_visible()
    assert people(stack) == {grace: 5}
    expect(faces_on(page)).to_have_count(5)
    expect_drawn(faces_on(page))

    page.get_by_role("listitem").filter(has_text=girl).get_by_role("button", name="Undo").click()
    expect(page.get_by_text(f"{girl} is back.")).to_be_visible()
    assert people(stack) == PEOPLE
    for name, faces in PEOPLE.items():
        go_to_list(page, "People")
        row_named(page, name).get_by_role("link", name=name).click()
        expect(page.get_by_label("Name")).to_have_value(name)
        expect(faces_on(page)).to_have_count(faces)
        expect_drawn(faces_on(page))


def faces_on(page: Page) -> Locator:
    return page.get_by_role("img", name=re.compile("^Face [0-9]+ of "))


def expect_drawn(images: Locator) -> None:
    """Expects that all images are loaded."""
    for image in images.all():
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 0


def test_the_documentation_shows_operations(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.url}/api/")
    page.get_by_role("listitem").filter(has_text="Pixoneye").get_by_role("link", name="Try").click()
    expect(page.get_by_role("heading", name="Pixoneye")).to_be_visible()
    operation = page.get_by_role("button", name="POST /v1/").first
    expect(operation).to_be_visible()
    operation.click()
    expect(page.get_by_role("button", name="Try it out")).to_be_visible()
    page.get_by_role("link", name="All APIs").click()
    expect(page.get_by_role("heading", name="Pickeez: Albums")).to_be_visible()
