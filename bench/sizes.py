"""The sizes of the measurements: full, or with `BENCH=small` just large enough to show that each one runs."""

from pickeez_site import env

SMALL = env.choice("BENCH", ("small", "full"), "full") == "small"


def size(name: str, full: int, small: int) -> int:
    """The number in the environment variable `name`, or else the full or small one."""
    return env.integer(name, small if SMALL else full, minimum=1)
