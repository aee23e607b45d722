"""Helpers for the arguments of commands. A wrong argument ends a command with status 2, as argparse does."""

import argparse
import re
from datetime import timedelta

from django.core.management.base import CommandError

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def bad_argument(message: str) -> CommandError:
    """Returns the error to raise for a wrong argument that argparse cannot find, as an unknown id."""
    return CommandError(message, returncode=2)


def duration(text: str) -> timedelta:
    """Reads `90s`, `10m`, `2h` or `7d`; a `type` for argparse."""
    match = re.fullmatch(r"([0-9]{1,5})([smhd])", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 90s, 10m, 2h or 7d")
    return timedelta(**{UNITS[match[2]]: int(match[1])})
