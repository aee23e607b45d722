"""What a check found, and how checks are kept to their time."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec, TypeVar

SECONDS = 2.0

Result = TypeVar("Result")
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


def careful(name: str) -> Callable[[Callable[Given, Finding]], Callable[Given, Finding]]:
    """Makes a check raise nothing, whatever it runs into: that is then what it has found."""

    def decorate(check: Callable[Given, Finding]) -> Callable[Given, Finding]:
        @wraps(check)
        def carefully(*args: Given.args, **kwargs: Given.kwargs) -> Finding:
            try:
                return check(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - of the many that libraries have, none may end the others
                found = f"it cannot be looked at ({type(error).__name__}: {first_line(error)})"
                return problem(name, found, "Check the settings that name it.")

        return carefully

    return decorate


def first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """What `call` returns or raises; `TimeoutError` when the time is up, and its thread is left behind."""
    outcome: Future[Result] = Future()
    threading.Thread(target=_settle, args=(outcome, call), daemon=True).start()
    return outcome.result(timeout=seconds)


def _settle(outcome: Future[Result], call: Callable[[], Result]) -> None:
    try:
        outcome.set_result(call())
    except Exception as error:  # noqa: BLE001 - raised again where the outcome is awaited
        outcome.set_exception(error)
