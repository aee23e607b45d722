"""How much is measured: all of it, or with `BENCH=small` just enough to see that every measurement runs."""

from pickeez_site import env

SMALL = env.choice("BENCH", ("small", "full"), "full") == "small"


def size(name: str, full: int, small: int) -> int:
    """What the environment variable `name` says, or else the round's own number."""
    return env.integer(name, small if SMALL else full, minimum=1)
