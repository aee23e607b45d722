"""Single values on the wire: ids, times, text that can be stored."""

from datetime import datetime
from uuid import UUID

NO_ID = UUID(int=0)  # names nothing: ids of ours hold the time they were made


def parse_id(text: str) -> UUID:
    """The id that a client sent; for what was never an id of ours, one that is as unknown as any never issued."""
    try:
        parsed = UUID(text)
    except ValueError:
        return NO_ID
    return parsed if str(parsed) == text.lower() else NO_ID


def timestamp(time: datetime | None) -> str | None:
    """UTC, ISO 8601."""
    return time.isoformat().replace("+00:00", "Z") if time else None


def is_storable(text: str) -> bool:
    """Neither NUL, which databases refuse, nor half a surrogate pair, which no encoding has."""
    return ("\0" not in text and text.isprintable()) or not any(
        c == "\0" or "\ud800" <= c <= "\udfff" for c in text
    )
