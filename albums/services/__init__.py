"""Writes of the albums: albums themselves, invitations, the pending queue."""

from albums.services.albums import (
    create_album,
    delete_album,
    describe_album,
    give_tokens,
    mark_viewed,
    set_local_id,
    update_album,
)
from albums.services.invitations import (
    claim_missed_invitations,
    claim_waiting_invitations,
    invite_phones,
    leave_album,
    uninvite_phones,
)
from albums.services.naming import NameInUse, create_named_album, set_description
from albums.services.queue import (
    claim_pending_album,
    empty_queue,
    finish_pending_album,
    mark_done_uploading,
    queue_albums_of,
    queue_all_albums,
    queue_now,
    touch,
)

__all__ = [
    "NameInUse",
    "claim_missed_invitations",
    "claim_pending_album",
    "claim_waiting_invitations",
    "create_album",
    "create_named_album",
    "delete_album",
    "describe_album",
    "empty_queue",
    "finish_pending_album",
    "give_tokens",
    "invite_phones",
    "leave_album",
    "mark_done_uploading",
    "mark_viewed",
    "queue_albums_of",
    "queue_all_albums",
    "queue_now",
    "set_description",
    "set_local_id",
    "touch",
    "uninvite_phones",
    "update_album",
]
