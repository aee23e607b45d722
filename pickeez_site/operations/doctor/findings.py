"""The result of a check, and a decorator that turns unexpected errors into one."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import ParamSpec

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 2.0  # of a check, unless it says otherwise

Parameters = ParamSpec("Parameters")


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """The result of the check of this name. `advice` says what to do; it is empty when the level is ok."""

    name: str
    level: Level
    found: str
    advice: str = ""

    def __str__(self) -> str:
        level = self.level.upper() if self.level == Level.PROBLEM else self.level
        return f"{level} {self.name}: {self.found}." + (f" {self.advice}" if self.advice else "")

    def as_json(self) -> dict[str, str]:
        return {"name": self.name, "level": self.level.value, "found": self.found, "advice": self.advice}


def ok(name: str, found: str) -> Finding:
    return Finding(name, Level.OK, found)


def warning(name: str, found: str, advice: str) -> Finding:
    return Finding(name, Level.WARNING, found, advice)


def problem(name: str, found: str, advice: str) -> Finding:
    return Finding(name, Level.PROBLEM, found, advice)


def errors_as_findings(name: str) -> Callable[[Callable[Parameters, Finding]], Callable[Parameters, Finding]]:
    """Makes a check raise nothing: an unexpected error is logged and returned as a problem."""

    def decorate(check: Callable[Parameters, Finding]) -> Callable[Parameters, Finding]:
        @wraps(check)
        def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Finding:
            try:
                return check(*args, **kwargs)
            except Exception as error:
                logger.exception("The check of the %s failed.", name)
                found = f"it cannot be checked ({type(error).__name__}: {first_line(error)})"
                return problem(name, found, "Check the settings that name it.")

        return guarded

    return decorate


def first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
