"""The admin kit that the pages of all apps share: three kinds of pages, columns with links, filters."""

from core.admin.display import (
    EMPTY_VALUE,
    link,
    link_column,
    list_link,
    list_url,
    name_column,
    page_url,
    presence_filter,
    time_since,
    truncate_middle,
)
from core.admin.pages import (
    DeletableAdmin,
    OperatorAdmin,
    ReadOnlyAdmin,
    can_view,
    has_model_permission,
    truncated_names,
)

__all__ = [
    "EMPTY_VALUE",
    "DeletableAdmin",
    "OperatorAdmin",
    "ReadOnlyAdmin",
    "can_view",
    "has_model_permission",
    "link",
    "link_column",
    "list_link",
    "list_url",
    "name_column",
    "page_url",
    "presence_filter",
    "time_since",
    "truncate_middle",
    "truncated_names",
]
