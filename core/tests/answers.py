"""Types for the responses that a test's HTTP client gets."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    # The stubs' type of what `django.test.Client` returns: a response with `json()`, `context` and the like.
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer
else:
    from django.http import HttpResponseBase as Answer

# Parsed JSON, whose content a test checks itself.
Json: TypeAlias = Any

# The query parameters of a request.
Query: TypeAlias = Mapping[str, Json]

__all__ = ["Answer", "Json", "Query"]
