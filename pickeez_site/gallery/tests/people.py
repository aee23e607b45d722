"""What the tests of the pages share: browsers, their forms, and what is in messages."""

import re

from django.test import Client

from accounts.models import User
from core.tests.answers import Answer, Json


def browser(user: User | None = None) -> Client:
    """Returns a browser, signed in as the user, that is held to the rules for forms."""
    client = Client(enforce_csrf_checks=True)
    if user:
        client.force_login(user)
    return client


def text_of(answer: Answer) -> str:
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    return answer.content.decode()


def submit(client: Client, page: str, /, path: str = "", **fields: str) -> Answer:
    """Loads the page, and sends its form's fields to it or to another path, with the token of the form."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text_of(client.get(page)))
    assert token, "the page has no form"
    return client.post(path or page, {**fields, "csrfmiddlewaretoken": token[1]})


def code_in(message: dict[str, Json]) -> str:
    """Returns the six digits in an SMS or e-mail."""
    found = re.search(r"\b\d{6}\b", message["body"])
    assert found
    return found[0]


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def is_signed_in(client: Client) -> bool:
    return client.get("/gallery/").status_code == 200
