"""Reads codes from the SMS that were sent."""

from core.tests.answers import Json


def last_code(sms: list[dict[str, Json]]) -> str:
    """Returns the code in the newest SMS."""
    return sms[-1]["body"].split()[-1]


def another_code(sms: list[dict[str, Json]]) -> str:
    """Returns six digits that are not the code in the newest SMS."""
    return f"{(int(last_code(sms)) + 1) % 1_000_000:06}"
