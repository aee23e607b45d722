"""Batches: databases limit the number of parameters of a query, so long lists of ids are split."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
# SQLite allows 32,766 parameters, PostgreSQL 65,535. Larger batches are not faster, and lock more rows at once.
BATCH = 1000


def batched(items: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    """Yields the items in their order, in lists of at most `size`; only the last may be shorter, none is empty."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
