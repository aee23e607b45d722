"""What the sweep sends again: selfies, faces that wait for a person, and albums. Originals come before them.

For each kind: how many tasks the broker may hold at once, and after how long an accepted task counts as lost.
"""

from datetime import timedelta

from django.conf import settings

from core.sweeping import register_sweep, rows_to_send
from faces.models import Selfie
from faces.selectors import processable_albums
from faces.services import send_album
from faces.services.assignment import missed_assignments, send_assignment
from faces.services.selfies import refuse_lost_selfies, send_selfie

MAX_ALBUMS_SENT, ALBUM_SENT_AGAIN_AFTER = 300, timedelta(minutes=1)
MAX_SELFIES_SENT, SELFIE_SENT_AGAIN_AFTER = 100, timedelta(seconds=30)


@register_sweep
def sweep_selfies(*, everything: bool) -> None:
    refuse_lost_selfies()
    waiting = Selfie.objects.claimable().order_by("created_at")
    for selfie in rows_to_send(
        waiting, limit=MAX_SELFIES_SENT, resend_after=SELFIE_SENT_AGAIN_AFTER, everything=everything
    ):
        send_selfie(selfie_id=selfie.pk)


@register_sweep
def sweep_assignments(*, everything: bool) -> None:
    for original_id in missed_assignments(everything=everything):
        send_assignment(original_id=original_id)


@register_sweep
def sweep_albums(*, everything: bool) -> None:
    waiting = processable_albums().order_by("touched_at")
    if settings.ALBUM_PROCESSOR != "builtin":
        waiting = waiting.filter(wanted_here=True)
    for pending in rows_to_send(
        waiting, limit=MAX_ALBUMS_SENT, resend_after=ALBUM_SENT_AGAIN_AFTER, everything=everything
    ):
        send_album(album_id=pending.pk)
