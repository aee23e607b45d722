"""What the admin pages of all apps share: three kinds of pages, links, and what is shown in lists."""

from core.admin.display import age, link, link_to, list_link, list_url, page_url, presence, short_name, shortened
from core.admin.pages import DeletableAdmin, OperatorAdmin, ReadOnlyAdmin, listed, may, may_see

__all__ = [
    "DeletableAdmin",
    "OperatorAdmin",
    "ReadOnlyAdmin",
    "age",
    "link",
    "link_to",
    "list_link",
    "list_url",
    "listed",
    "may",
    "may_see",
    "page_url",
    "presence",
    "short_name",
    "shortened",
]
