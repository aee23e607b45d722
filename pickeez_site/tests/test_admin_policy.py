"""What the admin's pages may load and run."""

import re

import pytest
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db
PAGES = ["", "login/", "accounts/user/", "accounts/user/add/", "albums/album/", "photos/photo/", "faces/person/"]


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("operator", "a long password"))
    return client


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_only_scripts_of_this_server_and_has_none_in_itself(operator: Client, page: str) -> None:
    answer = operator.get(f"/admin/{page}", follow=True)
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    html = answer.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", html)
    assert not re.search(r"<[^>]+\s(style|on\w+)=", html)


def test_the_sign_in_page_has_it_too() -> None:
    assert "default-src 'none'" in Client().get("/admin/login/")["Content-Security-Policy"]


def test_answers_of_the_apis_have_none() -> None:
    assert "Content-Security-Policy" not in Client().get("/ping")
