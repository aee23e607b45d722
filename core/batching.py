"""Databases bound the number of parameters of a query: what takes many ids takes them in batches."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
# SQLite takes 32,766 parameters, PostgreSQL 65,535; a thousand ids are as fast as more, and lock less at once.
BATCH = 1000


def batched(items: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    """The items in their order, in lists of at most `size`; the last one may be shorter, none is empty."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
