"""The front page and the documentation, which load nothing from other servers."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from core.tests.presence import present

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PAGES = ["/api/", "/api/docs/", "/api/docs/?api=pixoneye", "/api/redoc/", "/api/redoc/?api=pixoneye"]
DRAWN = r"""(?:src|href|data-schema)="([^"]*)"|url\(['"]?([^'")]+)|@import"""


def page(client: Client, path: str) -> str:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return answer.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_names_no_other_host_and_all_that_it_names_is_there(client: Client, path: str) -> None:
    for match in re.finditer(DRAWN, page(client, path)):
        named = match[1] or match[2]
        assert re.match(r"/(?!/)|\?", named), match[0]
        if named.startswith("/static/"):
            assert finders.find(named.removeprefix("/static/"))
        elif "api/" in named:
            assert client.get(named).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_browser_may_ask_no_other_host(client: Client, path: str) -> None:
    """By default ReDoc's script loads a logo from another host."""
    policy = client.get(path, headers=BROWSER).headers["Content-Security-Policy"]
    directives = dict(directive.split(" ", 1) for directive in policy.split("; "))
    assert directives["default-src"] == "'none'"
    for sources in directives.values():
        assert set(sources.split()) <= {"'none'", "'self'", "'unsafe-inline'", "data:", "blob:"}
    assert "'unsafe-inline'" not in directives["script-src"]


def test_our_own_static_files_name_no_other_host() -> None:
    folder = Path(present(finders.find("pages/pages.css"))).parent
    for path in folder.iterdir():
        assert "//" not in path.read_text().replace("// ", "").replace("http://www.w3.org/2000/svg", ""), path


@pytest.mark.parametrize("path", ["/api/docs/", "/api/redoc/"])
def test_the_documentation_is_of_one_api_or_of_all(client: Client, path: str) -> None:
    assert 'data-schema="/api/schema/"' in page(client, path)
    assert 'data-schema="/api/schema/pixoneye/"' in page(client, f"{path}?api=pixoneye")
    unknown = page(client, path + '?api="><script>alert(1)</script>')
    assert 'data-schema="/api/schema/"' in unknown
    assert "alert" not in unknown


def test_the_page_of_the_apis_leads_to_all_there_is(client: Client) -> None:
    html = page(client, "/api/")
    for path in ("/api/docs/", "/api/redoc/", "/api/schema/", "/admin/", "/healthz", "/readyz", "/metrics"):
        assert f'href="{path}"' in html


@pytest.mark.parametrize(
    "accept", [None, "*/*", "application/json", "application/json, text/html;q=0.9", "text/html;q=0.1, */*", "text/plain, */*;q=0.1"]
)  # fmt: skip
def test_who_does_not_prefer_html_gets_the_answer_of_the_dialect(client: Client, accept: str | None) -> None:
    answer = client.get("/", headers={"accept": accept} if accept else {})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {"msg": "Pickeez. See /routes."}


@pytest.mark.parametrize("method", ["get", "head"])
def test_people_get_the_gallery_at_the_root(client: Client, method: str) -> None:
    answer = getattr(client, method)("/", headers=BROWSER)
    assert (answer.status_code, answer["Location"]) == (302, "/gallery/")
    assert (answer["Vary"], answer["Cache-Control"]) == ("Accept", "no-store")


def test_only_reading_the_root_leads_there(client: Client) -> None:
    assert client.post("/", headers=BROWSER).status_code == 405
    assert client.get("/ping", headers=BROWSER).json() == {"msg": "pong"}
