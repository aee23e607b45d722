"""What lists and pages of the admin show. The kinds of pages are tested with the pages of each app."""

import pytest
from django.contrib.auth.models import Group

from core.admin import link, link_to, list_link, shortened


@pytest.mark.parametrize(
    ("text", "seen"), [("x" * 28, "x" * 28), ("imported/2024/at the sea/0001.jpg", "imported/…t the sea/0001.jpg")]
)
def test_of_a_long_text_the_middle_is_left_out(text: str, seen: str) -> None:
    assert shortened(text) == seen
    assert len(seen) == 28


def test_a_link_is_under_the_rows_name_or_a_text_of_its_own() -> None:
    group = Group(pk=7, name="<b> & others who are many, many more")
    page = "/admin/auth/group/7/change/"
    assert link(group) == f'<a href="{page}">&lt;b&gt; &amp; oth…re many, many more</a>'
    assert link(group, group.name).endswith(">&lt;b&gt; &amp; others who are many, many more</a>")
    assert link(None) == link_to("group")(None, type("Row", (), {"group": None})) == "-"  # type: ignore[arg-type]


def test_a_list_is_linked_with_what_selects_its_rows() -> None:
    assert list_link(Group, 3, name__exact="a&b") == '<a href="/admin/auth/group/?name__exact=a%26b">3</a>'
