"""The context of a log line: the process's role, the request's id, the task's id."""

import re
import secrets
import sys
from contextvars import ContextVar
from functools import cache
from pathlib import Path

# In a task both are set: the task's own id, and the id of the request that caused it.
request_id: ContextVar[str] = ContextVar("request_id", default="")
task_id: ContextVar[str] = ContextVar("task_id", default="")

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
ROLES = {"worker": "worker", "beat": "scheduler"}  # by the subcommand of celery


def new_request_id() -> str:
    return secrets.token_hex(8)


def is_request_id(text: str) -> bool:
    return bool(REQUEST_ID.fullmatch(text))


@cache
def process_role() -> str:
    """`web`, `worker`, `scheduler`, or `command` for anything that is run by hand."""
    program, arguments = Path(sys.argv[0]).name, sys.argv[1:]
    if "gunicorn" in program or "runserver" in arguments[:1]:
        return "web"
    if program == "celery" or Path(sys.argv[0]).parent.name == "celery":
        return next((ROLES[word] for word in arguments if word in ROLES), "command")
    return "command"
