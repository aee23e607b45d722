"""Links and texts of admin pages. The kinds of pages are tested with the pages of each app."""

import pytest
from django.contrib.auth.models import Group

from core.admin import link, link_column, list_link, truncate_middle


@pytest.mark.parametrize(
    ("text", "seen"), [("x" * 28, "x" * 28), ("imported/2024/at the sea/0001.jpg", "imported/…t the sea/0001.jpg")]
)
def test_a_long_text_loses_its_middle(text: str, seen: str) -> None:
    assert truncate_middle(text) == seen
    assert len(seen) == 28


def test_a_link_shows_the_rows_name_or_another_text() -> None:
    group = Group(pk=7, name="<b> & others who are many, many more")
    page = "/admin/auth/group/7/change/"
    assert link(group) == f'<a href="{page}">&lt;b&gt; &amp; oth…re many, many more</a>'
    assert link(group, group.name).endswith(">&lt;b&gt; &amp; others who are many, many more</a>")
    assert link(None) == link_column("group")(None, type("Row", (), {"group": None})) == "-"  # type: ignore[arg-type]


def test_a_link_to_a_list_selects_its_rows() -> None:
    assert list_link(Group, 3, name__exact="a&b") == '<a href="/admin/auth/group/?name__exact=a%26b">3</a>'
