"""Finds the looks of a library that are near a face, without reading the whole library: see `LookIndex`."""

from functools import cache

from faces.index.base import LookIndex, Queries
from faces.index.packed import PackedCopies

__all__ = ["LookIndex", "Queries", "get_index"]


@cache
def get_index() -> LookIndex:
    """Returns the index that all services use."""
    return PackedCopies()
