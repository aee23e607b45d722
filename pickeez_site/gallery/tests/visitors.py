"""People with a browser: their tasks are done before the answer is returned."""

from typing import Any

from django.test import Client

from accounts.models import User
from conftest import committing
from core.tests.answers import Answer

JSON = {"Accept": "application/json"}


class Visitor:
    """A browser; of a user who is signed in, or of nobody. Forms need their CSRF token if `csrf`."""

    def __init__(self, user: User | None = None, *, csrf: bool = False) -> None:
        self.client = Client(enforce_csrf_checks=csrf)
        if user:
            self.client.force_login(user)

    def get(self, path: str, **extra: Any) -> Answer:
        with committing():
            return self.client.get(path, **extra)

    def post(self, path: str, data: object = None, **extra: Any) -> Answer:
        with committing():
            return self.client.post(path, data or {}, **extra)
