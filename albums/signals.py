"""Signals about albums, for the apps above."""

from django.dispatch import Signal

# An album in the queue need not wait any longer. Sent on commit, with `album_id`; its photos may be unfinished.
album_ready = Signal()
