"""The sweep of lost work on albums."""

from albums.services import claim_missed_invitations, shorten_leases
from core.sweeping import register_sweep


@register_sweep
def sweep_invitations(*, everything: bool) -> None:
    claim_missed_invitations()


@register_sweep
def sweep_leases(*, everything: bool) -> None:
    shorten_leases()
