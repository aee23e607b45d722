"""Services that write users, tokens, phone codes and messages."""

from accounts.services.browser_sessions import (
    delete_ended_sessions,
    end_other_sessions,
    end_session,
    is_session,
    sessions_of,
    sign_out_everywhere,
)
from accounts.services.codes import (
    check_code,
    plain_sms,
    send_code,
    set_phone,
    sign_in,
    user_by_phone_code,
    user_of_phone,
    verify_phone,
)
from accounts.services.email_codes import (
    Letter,
    check_email_code,
    open_email_code,
    send_email_code,
    user_by_email_code,
    user_by_email_link,
    user_of_email,
    verify_email,
)
from accounts.services.guessing import Credential, check_guesses, note_wrong_guess
from accounts.services.identities import user_by_identity
from accounts.services.lookups import find_users_by_phones
from accounts.services.messages import (
    delete_old_codes_and_messages,
    queue_emails,
    queue_push,
    queue_sms,
    send_due_messages,
)
from accounts.services.one_time_codes import (
    AccountClosed,
    ContactLocked,
    TooManyGuesses,
    WrongCode,
    unlock_contacts,
)
from accounts.services.sign_in_links import create_sign_in_link, open_sign_in_link, user_by_sign_in_link
from accounts.services.throttling import MoreThanLimit, RateLimitExceeded, address_limit, consume
from accounts.services.tokens import (
    create_token,
    revoke_token,
    revoke_tokens,
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
from accounts.services.web_push import subscribe_browser, unsubscribe_browser

__all__ = [
    "AccountClosed",
    "ContactLocked",
    "Credential",
    "Letter",
    "MoreThanLimit",
    "RateLimitExceeded",
    "TooManyGuesses",
    "WrongCode",
    "address_limit",
    "check_code",
    "check_email_code",
    "check_guesses",
    "consume",
    "create_sign_in_link",
    "create_token",
    "delete_ended_sessions",
    "delete_old_codes_and_messages",
    "delete_user",
    "end_other_sessions",
    "end_session",
    "find_users_by_phones",
    "is_session",
    "note_wrong_guess",
    "open_email_code",
    "open_sign_in_link",
    "plain_sms",
    "queue_emails",
    "queue_push",
    "queue_sms",
    "revoke_token",
    "revoke_tokens",
    "send_code",
    "send_due_messages",
    "send_email_code",
    "sessions_of",
    "set_name",
    "set_phone",
    "set_pic_url",
    "set_push_token",
    "set_pushes_wanted",
    "sign_in",
    "sign_out_everywhere",
    "subscribe_browser",
    "token_digest",
    "unlock_contacts",
    "unsubscribe_browser",
    "user_by_email_code",
    "user_by_email_link",
    "user_by_identity",
    "user_by_phone_code",
    "user_by_sign_in_link",
    "user_for_token",
    "user_of_email",
    "user_of_phone",
    "validate_name",
    "verify_email",
    "verify_phone",
]
