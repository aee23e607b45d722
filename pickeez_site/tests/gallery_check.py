"""Looks at every page of the gallery in Chromium as Lighthouse would: `make gallery-check`.

Of each page, in light and dark, at 390 and 1440 px: violations that axe-core finds (`AXE` names its script, which
`npm pack axe-core` fetches; without it that part is left out), targets below 44 px, errors in the console, what is
wider than the screen, how far the content has moved, and, on a slow phone, a performance score.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from math import erfc, log
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from pickeez_site.tests.gallery_tour import NOBODY, Stop, Tour, prepare
from pickeez_site.tests.screenshots import ARGUMENTS, EILEEN, GRACE, browser_program, demo_stack

WIDTHS, SCHEMES = (390, 1440), ("light", "dark")
MOST_CLS, LEAST_SCORE = 0.05, 95
# Lighthouse 10's mobile curves: a value's score is 0.9 at the first and 0.5 at the second (ms; CLS has no unit), and
# their weights, without the speed index, which needs a film of the page.
CURVES = {"fcp": (1800, 3000, 10), "lcp": (2500, 4000, 25), "tbt": (200, 600, 30), "cls": (0.1, 0.25, 25)}
INVERSE_ERFC_OF_A_FIFTH = 0.9061938024368232
# Its "slow 4G" (1.6 Mbit/s, 150 ms) and a processor four times slower.
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
SLOWER = 4
OBSERVE = """
  window.measured = { lcp: 0, cls: 0, tbt: 0 };
  const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take))
    .observe({ type, buffered: true });
  watch("largest-contentful-paint", (entry) => { measured.lcp = entry.startTime; });
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) measured.cls += entry.value; });
  watch("longtask", (entry) => { measured.tbt += Math.max(0, entry.duration - 50); });
"""
MEASURED = """() => ({
  ...measured,
  fcp: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
  bytes: [...performance.getEntriesByType("resource"), ...performance.getEntriesByType("navigation")]
    .reduce((sum, entry) => sum + entry.transferSize, 0),
})"""
# Links within sentences are exempt (WCAG 2.2, 2.5.8), and so are boxes whose label is the target.
SMALL_TARGETS = """() => [...document.querySelectorAll("a[href], button, summary, select, input:not([type=hidden])")]
  .filter((one) => {
    const shown = one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    if (!shown || one.matches(".visually-hidden, .skip")) return false;
    const around = one.closest("p, li")?.textContent.trim();
    const inSentence = getComputedStyle(one).display === "inline" && around !== one.textContent.trim();
    if (one.matches("a") && inSentence) return false;
    const target = (one.matches("[type=checkbox], [type=radio], h2 > a") && one.closest("label, li")) || one;
    const box = target.getBoundingClientRect();
    return box.width && (box.height < 43.5 || box.width < 43.5);
  })
  .map((one) => `${one.outerHTML.slice(0, 90)} ${Math.round(one.getBoundingClientRect().height)} px high`)"""
AXE = """() => axe.run({ resultTypes: ["violations"] }).then((found) => found.violations.map(
  (one) => `${one.id} (${one.nodes.length}): ${one.nodes[0].html.slice(0, 120)}`))"""


def main() -> int:
    program = browser_program()
    if program is None:
        sys.stdout.write("Nothing is checked: there is no Chromium here.\n")
        return 0
    axe = os.environ.get("AXE", "")
    if not axe:
        sys.stdout.write("Without axe-core: AXE is not set. `npm pack axe-core` fetches it.\n")
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_stack(Path(folder)) as stack,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        faults = check(browser, prepare(browser, stack), Path(axe).read_text() if axe else "")
        browser.close()
    sys.stdout.write(f"{faults} faults\n")
    return 1 if faults else 0


def check(browser: Browser, tour: Tour, axe: str) -> int:
    """Writes a line for each page and fault, and returns the number of faults."""
    number = 0
    for width in WIDTHS:
        for scheme in SCHEMES:
            contexts = {
                who: tour.context(browser, who, width=width, scheme=scheme) for who in (NOBODY, GRACE, EILEEN)
            }
            for stop in tour.stops:
                for fault in faults_of(contexts[stop.who], tour.stack.url, stop, axe):
                    sys.stdout.write(f"{stop.name} {width} {scheme}: {fault}\n")
                    number += 1
            for context in contexts.values():
                context.close()
    for stop in tour.stops:
        context = tour.context(browser, stop.who, width=390, scheme="light")
        number += performance(context, tour.stack.url, stop)
        context.close()
    return number


def faults_of(context: BrowserContext, url: str, stop: Stop, axe: str) -> Iterator[str]:
    page, said = context.new_page(), list[str]()
    page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(url + stop.path)
    stop.act(page)
    page.wait_for_load_state("networkidle")
    yield from (one for one in said if not one.endswith(stop.expected))
    assert page.viewport_size is not None
    if (seen := page.evaluate("document.documentElement.scrollWidth")) > page.viewport_size["width"]:
        yield f"is {seen} px wide"
    yield from (f"small target {one}" for one in page.evaluate(SMALL_TARGETS))
    if axe:
        page.evaluate(axe)
        yield from page.evaluate(AXE)
    page.close()


def performance(context: BrowserContext, url: str, stop: Stop) -> int:
    """Writes how fast the page is on a slow phone; returns 1 when it is too slow, or moves."""
    page = context.new_page()
    page.add_init_script(OBSERVE)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    found = measure(page, url + stop.path)
    page.close()
    score = score_of(found)
    words = ", ".join(f"{name} {found[name]:.0f} ms" for name in ("fcp", "lcp", "tbt"))
    bad = score < LEAST_SCORE or found["cls"] >= MOST_CLS
    sys.stdout.write(
        f"{'BAD ' if bad else ''}{stop.name}: {score:.0f} of 100: {words}, cls {found['cls']:.3f}, "
        f"{found['bytes'] / 1000:.0f} kB\n"
    )
    return int(bad)


def measure(page: Page, url: str) -> dict[str, float]:
    """Loads the page, and returns its times (ms), its layout shift and its bytes on the wire."""
    page.goto(url)
    page.wait_for_load_state("networkidle")
    found: dict[str, float] = page.evaluate(MEASURED)
    return found


def score_of(found: dict[str, float]) -> float:
    """Returns the weighted mean of the scores, 0 to 100."""
    weights = sum(weight for _good, _middle, weight in CURVES.values())
    return sum(weight * _score(found[name], good, middle) for name, (good, middle, weight) in CURVES.items()) / (
        weights / 100
    )


def _score(value: float, good: float, middle: float) -> float:
    """The complement of a log-normal distribution with this median, whose value at `good` is 0.9."""
    if value <= 0:
        return 1.0
    return erfc(log(value / middle) * INVERSE_ERFC_OF_A_FIFTH / log(middle / good)) / 2


if __name__ == "__main__":
    sys.exit(main())
