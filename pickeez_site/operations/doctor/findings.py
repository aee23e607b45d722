"""What a check found, whatever it runs into."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec

logger = logging.getLogger(__name__)
SECONDS = 2.0  # that a check waits for an answer

Given = ParamSpec("Given")


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """What was found at the thing of this name, and what to do about it: empty when all is well."""

    name: str
    level: Level
    found: str
    advice: str = ""

    def __str__(self) -> str:
        level = self.level.upper() if self.level == Level.PROBLEM else self.level
        return f"{level} {self.name}: {self.found}." + (f" {self.advice}" if self.advice else "")

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "level": self.level.value, "found": self.found, "advice": self.advice}


def ok(name: str, found: str) -> Finding:
    return Finding(name, Level.OK, found)


def warning(name: str, found: str, advice: str) -> Finding:
    return Finding(name, Level.WARNING, found, advice)


def problem(name: str, found: str, advice: str) -> Finding:
    return Finding(name, Level.PROBLEM, found, advice)


def errors_as_findings(name: str) -> Callable[[Callable[Given, Finding]], Callable[Given, Finding]]:
    """Makes a check raise nothing: an error that it did not foresee is logged, and is then what it has found."""

    def decorate(check: Callable[Given, Finding]) -> Callable[Given, Finding]:
        @wraps(check)
        def guarded(*args: Given.args, **kwargs: Given.kwargs) -> Finding:
            try:
                return check(*args, **kwargs)
            except Exception as error:
                logger.exception("The check of the %s failed.", name)
                found = f"it cannot be looked at ({type(error).__name__}: {first_line(error)})"
                return problem(name, found, "Check the settings that name it.")

        return guarded

    return decorate


def first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
