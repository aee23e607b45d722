"""The sweep of lost work on albums."""

from albums.services import claim_missed_invitations
from core.sweeping import register_sweep


@register_sweep
def sweep_invitations(*, everything: bool) -> None:
    claim_missed_invitations()
