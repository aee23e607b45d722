"""Writes of the accounts: tokens, phone codes, messages."""

from accounts.services.codes import (
    TooManyTries,
    WrongCode,
    check_code,
    send_code,
    set_phone,
    sign_in,
    verify_phone,
)
from accounts.services.messages import (
    forget_old_codes_and_messages,
    queue_push,
    queue_sms,
    send_due_messages,
)
from accounts.services.throttling import TooMany
from accounts.services.tokens import (
    create_token,
    digest_of,
    revoke_token,
    revoke_tokens,
    sign_out_everywhere,
    user_of_token,
)
from accounts.services.users import delete_user, set_pic_url, set_push_token, set_push_wish

__all__ = [
    "TooMany",
    "TooManyTries",
    "WrongCode",
    "check_code",
    "create_token",
    "delete_user",
    "digest_of",
    "forget_old_codes_and_messages",
    "queue_push",
    "queue_sms",
    "revoke_token",
    "revoke_tokens",
    "send_code",
    "send_due_messages",
    "set_phone",
    "set_pic_url",
    "set_push_token",
    "set_push_wish",
    "sign_in",
    "sign_out_everywhere",
    "user_of_token",
    "verify_phone",
]
