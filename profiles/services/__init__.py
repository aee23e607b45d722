"""Services that write API keys, posted and derived profiles, consent, and that erase devices."""

from profiles.services.consent import give_consent, withdraw_consent
from profiles.services.deriving import derive_profile
from profiles.services.devices import link_copies, link_photo
from profiles.services.erasing import Erased, erase_device
from profiles.services.keys import find_api_key, get_or_create_app, issue_key, revoke_keys
from profiles.services.posting import post_profile

__all__ = [
    "Erased",
    "derive_profile",
    "erase_device",
    "find_api_key",
    "get_or_create_app",
    "give_consent",
    "issue_key",
    "link_copies",
    "link_photo",
    "post_profile",
    "revoke_keys",
    "withdraw_consent",
]
