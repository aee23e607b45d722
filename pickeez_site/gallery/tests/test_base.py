"""What all pages of the gallery share."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from pickeez_site.gallery.views.base import safe_next

pytestmark = pytest.mark.django_db
HOME = "/gallery/"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_who_is_signed_out_signs_in_and_comes_back() -> None:
    answer = Client().get(HOME + "?page=2")
    assert answer.status_code == 303
    assert answer["Location"] == reverse("gallery:sign-in") + "?next=%2Fgallery%2F%3Fpage%3D2"


def test_a_script_is_told_in_words_that_nobody_is_signed_in() -> None:
    answer = Client().get(HOME, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert set(answer.json()) == {"error"}


def test_no_cache_keeps_a_page_and_nothing_inline_runs() -> None:
    answer = browser(User.objects.create_user()).get(HOME)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/gallery/albums/1/?page=2", True),
        ("//evil.example/", False),
        ("https://evil.example/", False),
        ("/\\evil.example", False),
        ("/\t//evil.example/", False),  # browsers leave out tabs and line breaks
        ("/\n//evil.example/", False),
        ("/\t/\\evil.example/", False),
        ("/.\\..//evil.example/", False),
        ("/" + "x" * 2000, False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_a_page_to_come_back_to_is_ours(path: str, allowed: bool) -> None:
    assert safe_next(path) == (path if allowed else HOME)
