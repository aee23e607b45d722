"""Services that write users, tokens, phone codes and messages."""

from accounts.services.codes import (
    TooManyGuesses,
    WrongCode,
    check_code,
    send_code,
    set_phone,
    sign_in,
    verify_phone,
)
from accounts.services.lookups import find_users_by_phones
from accounts.services.messages import (
    delete_old_codes_and_messages,
    queue_emails,
    queue_push,
    queue_sms,
    send_due_messages,
)
from accounts.services.throttling import MoreThanLimit, RateLimitExceeded
from accounts.services.tokens import (
    create_token,
    revoke_token,
    revoke_tokens,
    sign_out_everywhere,
    token_digest,
    user_for_token,
)
from accounts.services.users import (
    delete_user,
    set_name,
    set_pic_url,
    set_push_token,
    set_pushes_wanted,
    validate_name,
)

__all__ = [
    "MoreThanLimit",
    "RateLimitExceeded",
    "TooManyGuesses",
    "WrongCode",
    "check_code",
    "create_token",
    "delete_old_codes_and_messages",
    "delete_user",
    "find_users_by_phones",
    "queue_emails",
    "queue_push",
    "queue_sms",
    "revoke_token",
    "revoke_tokens",
    "send_code",
    "send_due_messages",
    "set_name",
    "set_phone",
    "set_pic_url",
    "set_push_token",
    "set_pushes_wanted",
    "sign_in",
    "sign_out_everywhere",
    "token_digest",
    "user_for_token",
    "validate_name",
    "verify_phone",
]
