"""The configuration of the logs for all processes: text for a terminal, or lines of JSON for a collector."""

import logging
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from pickeez_site.operations.observing.context import process_role, request_id, task_id
from pickeez_site.operations.observing.scrubbing import scrub

Config = dict[str, Any]  # what `logging.config.dictConfig` takes

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
FORMATS = ("text", "json")
# Below WARNING, the lines of these libraries only help their own developers.
LIBRARIES = ("celery", "kombu", "amqp", "boto3", "botocore", "s3transfer", "PIL", "asyncio")
MAX_REFUSAL = 300  # characters of a line about a refused request, which may repeat what the client sent


class AddContext(logging.Filter):
    """Adds the role, the request's id and the task's id to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.role = process_role()
        record.request_id = request_id.get()
        record.task_id = task_id.get()
        return True


class DropRefusedRequests(logging.Filter):
    """Drops Django's own line about a refused request: the access line has the same facts, and masks the path."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.name != "django.request" or record.levelno >= logging.ERROR


class SecurityInOneLine(logging.Filter):
    """Makes a warning of one short line of what Django refuses for security, such as a scanner's `Host`.

    Django logs it as an error with a trace, which shows nothing but Django's own check.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security"):
            record.msg, record.args = record.getMessage()[:MAX_REFUSAL], ()
            record.exc_info = record.exc_text = record.stack_info = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class TextFormatter(logging.Formatter):
    """`TIME LEVEL ROLE LOGGER [IDS] MESSAGE`, without the brackets where there are no ids."""

    def format(self, record: logging.LogRecord) -> str:
        request, task = record.__dict__.get("request_id"), record.__dict__.get("task_id")
        ids = " ".join(word for word in (request, f"task {task}" if task else "") if word)
        record.ids = f"[{ids}] " if ids else ""
        return scrub(super().format(record))


class JsonLines(JsonFormatter):
    """Writes one JSON object on each line. It also contains the `extra` of the log call."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - overrides
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def server_configuration(form: str) -> Config:
    """The configuration for gunicorn: it logs its start and stop, but no requests."""
    quiet = {"handlers": [], "level": "CRITICAL", "propagate": False}
    own = {"gunicorn.error": {"handlers": [], "propagate": True}, "gunicorn.access": quiet}
    return configuration(form, "INFO") | {"loggers": own}


def configuration(form: str, level: str) -> Config:
    """The `LOGGING` of `dictConfig`. `form` is one of `FORMATS`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "context": {"()": AddContext},
            "drop_refused_requests": {"()": DropRefusedRequests},
            "security_in_one_line": {"()": SecurityInOneLine},
        },
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
                "filters": ["context", "drop_refused_requests", "security_in_one_line"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django gives these loggers their own handlers; here the root's handler is the only one.
            "django": {"handlers": [], "level": "NOTSET", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "urllib3": {"level": "ERROR"},  # its warnings contain URLs, which may contain tokens
            **{name: {"level": max("WARNING", level, key=logging.getLevelName)} for name in LIBRARIES},
        },
    }
