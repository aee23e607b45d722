"""What the arguments of commands have in common. A wrong one ends a command with status 2."""

import argparse
import re
from datetime import timedelta

from django.core.management.base import CommandError

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def bad_argument(message: str) -> CommandError:
    """To be raised for what the parser alone cannot see."""
    return CommandError(message, returncode=2)


def duration(text: str) -> timedelta:
    """`90s`, `10m`, `2h` or `7d`; for argparse."""
    found = re.fullmatch(r"([0-9]{1,5})([smhd])", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 90s, 10m, 2h or 7d")
    return timedelta(**{UNITS[found[2]]: int(found[1])})
