"""The types of what a test's HTTP client gets back."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    # The type checker's word for what `django.test.Client` gives: a response with `json()`, `context` and the like.
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer
else:
    from django.http import HttpResponseBase as Answer

# JSON that was read: what is in it, a test finds out by looking.
Json: TypeAlias = Any

# What a client puts into a URL's query.
Query: TypeAlias = Mapping[str, str | bytes | int | Iterable[str | bytes | int]]

__all__ = ["Answer", "Json", "Query"]
