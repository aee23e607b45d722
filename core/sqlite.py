"""What SQLite leaves behind: erased rows stay in its write-ahead log until that is truncated."""

from django.db import connection

from core.sweeping import register_sweep


@register_sweep
def truncate_wal(*, everything: bool) -> None:
    """Writes the log back into the database and empties it, unless others read or write at this moment.

    Then the next round of the sweep does it. `secure_delete` has overwritten in the database what was deleted
    (settings). See https://www.sqlite.org/pragma.html#pragma_wal_checkpoint.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        patience = cursor.fetchone()[0]
        cursor.execute("PRAGMA busy_timeout = 0")  # nobody waits for this
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.fetchall()
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(patience)}")
