"""Messages as files, one JSON document each: the default, so that a fresh clone works without a gateway."""

import json
from collections.abc import Mapping
from pathlib import Path

import uuid_utils
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from accounts.messaging.base import MessageBackend, MessageNotSent


class FileBackend(MessageBackend):
    """Writes `OUTBOX_DIR/<channel>/<uuid7>.json`: names sort by time, and only the owner may read."""

    def send(self, message: Mapping[str, object]) -> None:
        content = json.dumps(dict(message), cls=DjangoJSONEncoder, ensure_ascii=False)
        try:
            _write_private(self._directory() / f"{uuid_utils.uuid7()}.json", content)
        except OSError as error:
            raise MessageNotSent(f"The outbox cannot be written: {error.strerror}.", retry=True) from error

    def _directory(self) -> Path:
        outbox = Path(settings.OUTBOX_DIR)
        outbox.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory = outbox / self.channel
        directory.mkdir(mode=0o700, exist_ok=True)
        return directory


def _write_private(path: Path, content: str) -> None:
    """Create `path` with all of `content` or not at all; until then its name is hidden from `*.json`."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.touch(mode=0o600, exist_ok=False)
        unfinished.write_text(content, encoding="utf-8")
        unfinished.rename(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
