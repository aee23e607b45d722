"""The logs: one configuration for all processes, as text for a terminal or as lines of JSON for a collector."""

import logging
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from pickeez_site.operations.observing.context import process_role, request_id, task_id
from pickeez_site.operations.observing.scrubbing import scrub

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
FORMATS = ("text", "json")
# What libraries say below this is of use to nobody but those who look into them.
LIBRARIES = ("celery", "kombu", "amqp", "boto3", "botocore", "s3transfer", "PIL", "asyncio")


class Context(logging.Filter):
    """Gives each record what it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.role = process_role()
        record.request_id = request_id.get()
        record.task_id = task_id.get()
        return True


class NotSaidTwice(logging.Filter):
    """Drops Django's own line about a refused request: the access line says it, too, and masks the path."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.name != "django.request" or record.levelno >= logging.ERROR


class TextFormatter(logging.Formatter):
    """`TIME LEVEL ROLE LOGGER [IDS] MESSAGE`, without the brackets where there are no ids."""

    def format(self, record: logging.LogRecord) -> str:
        ids = " ".join(word for word in (record.__dict__.get("request_id"), _short(record)) if word)
        record.ids = f"[{ids}] " if ids else ""
        return scrub(super().format(record))


def _short(record: logging.LogRecord) -> str:
    task = record.__dict__.get("task_id")
    return f"task {task}" if task else ""


class JsonLines(JsonFormatter):
    """One JSON object a line; what a log call passes as `extra` becomes members of it."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - overrides
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def server_configuration(form: str) -> dict[str, Any]:
    """The same for gunicorn, which tells when it starts and stops, and nothing of requests."""
    quiet = {"handlers": [], "level": "CRITICAL", "propagate": False}
    own = {"gunicorn.error": {"handlers": [], "propagate": True}, "gunicorn.access": quiet}
    return configuration(form, "INFO") | {"loggers": own}


def configuration(form: str, level: str) -> dict[str, Any]:
    """The `LOGGING` of `dictConfig`. `form` is one of `FORMATS`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": Context}, "not_said_twice": {"()": NotSaidTwice}},
        "formatters": {
            "text": {
                "()": TextFormatter,
                "format": "%(asctime)s %(levelname)s %(role)s %(name)s %(ids)s%(message)s",
            },
            "json": {
                "()": JsonLines,
                "fmt": "%(asctime)s %(levelname)s %(name)s %(role)s %(request_id)s %(task_id)s %(message)s",
                "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
            },
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": form,
                "filters": ["context", "not_said_twice"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django gives these handlers of their own; there is one for all.
            "django": {"handlers": [], "level": "NOTSET", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "urllib3": {"level": "ERROR"},  # its warnings hold whole URLs, and those may hold tokens
            **{name: {"level": max("WARNING", level, key=logging.getLevelName)} for name in LIBRARIES},
        },
    }
