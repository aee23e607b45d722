"""Signals about albums, for the apps above."""

from django.dispatch import Signal

# An album in the queue need not wait any longer. Sent on commit, with `album_id`; its photos may be unfinished.
album_ready = Signal()

# Albums were moved to the trash. Sent inside the transaction, with `album_ids`.
albums_deleted = Signal()

# Members have left albums, or were removed. Sent inside the transaction, with `invitation_ids`.
members_removed = Signal()
