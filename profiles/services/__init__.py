"""Writes of the profiles: keys, posted members, consent, what is derived, erasing."""

from profiles.services.consent import give_consent, withdraw_consent
from profiles.services.deriving import derive_profile
from profiles.services.devices import link_photo
from profiles.services.erasing import Erased, erase_device
from profiles.services.keys import app_named, issue_key, key_presented, revoke_keys
from profiles.services.posting import post_profile

__all__ = [
    "Erased",
    "app_named",
    "derive_profile",
    "erase_device",
    "give_consent",
    "issue_key",
    "key_presented",
    "link_photo",
    "post_profile",
    "revoke_keys",
    "withdraw_consent",
]
