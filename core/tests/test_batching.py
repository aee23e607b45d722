"""Batches hold all items, in their order."""

import pytest

from core.batching import BATCH, batched


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 7])
def test_all_items_come_once_and_in_their_order(number: int) -> None:
    batches = list(batched(range(number), 3))
    assert [item for batch in batches for item in batch] == list(range(number))
    assert all(len(batch) == 3 for batch in batches[:-1])
    assert all(batches)


def test_items_may_come_one_by_one() -> None:
    assert [len(batch) for batch in batched(iter(range(BATCH + 1)))] == [BATCH, 1]
