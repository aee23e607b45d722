"""For values whose type allows None, though a test expects one that is not None."""

from typing import TypeVar

T = TypeVar("T")


def present(value: T | None) -> T:
    """Returns the value. Fails when it is None."""
    assert value is not None
    return value
