"""A message backend that writes files. It is the default, so that a fresh clone works without a gateway."""

import json
from collections.abc import Mapping
from pathlib import Path

import uuid_utils
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from accounts.messaging.base import MessageBackend, MessageNotSent


class FileBackend(MessageBackend):
    """Writes each message to `OUTBOX_DIR/<channel>/<uuid7>.json`. Names sort by time; only the owner may read."""

    reaches_people = False

    def send(self, message: Mapping[str, object]) -> None:
        write_to_outbox(self.channel, message)


def write_to_outbox(channel: str, message: Mapping[str, object]) -> None:
    """Writes the message to the folder of its channel. Raises `MessageNotSent` when that is not possible."""
    content = json.dumps(dict(message), cls=DjangoJSONEncoder, ensure_ascii=False)
    try:
        directory = Path(settings.OUTBOX_DIR) / channel
        directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.mkdir(mode=0o700, exist_ok=True)
        _write_private(directory / f"{uuid_utils.uuid7()}.json", content)
    except OSError as error:
        raise MessageNotSent(f"The outbox cannot be written: {error.strerror}.", retry=True) from error


def _write_private(path: Path, content: str) -> None:
    """Creates `path` with all of `content` or not at all. An unfinished file's name does not match `*.json`."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.touch(mode=0o600, exist_ok=False)
        unfinished.write_text(content, encoding="utf-8")
        unfinished.rename(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
