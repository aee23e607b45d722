"""Browsers of people who are signed in, and what tests read on pages."""

import re

from django.test import Client

from accounts.models import User
from core.tests.answers import Answer

SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


def browser(user: User | None = None) -> Client:
    """A browser in which the user is signed in, or nobody. Forms need their hidden token."""
    client = Client(enforce_csrf_checks=True)
    if user:
        client.force_login(user)
    return client


def text_of(answer: Answer) -> str:
    return answer.content.decode()


def send_form(client: Client, page: str, path: str, data: dict[str, str] | None = None) -> Answer:
    """Sends a form of the page with its hidden token, as a browser without scripts does."""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text_of(client.get(page)))
    assert token, "the page has no form"
    return client.post(path, {**(data or {}), "csrfmiddlewaretoken": token[1]})


def assert_nothing_runs(page: str) -> None:
    """Asserts that `SCRIPT`, as part of a name, is text on the page."""
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
