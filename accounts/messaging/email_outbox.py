"""An e-mail backend that writes files like the one for SMS, so that a fresh clone works without a mail server."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from accounts.messaging.file import write_to_outbox


class EmailBackend(BaseEmailBackend):
    """Writes each message to `OUTBOX_DIR/email/<uuid7>.json` as `{"to", "from", "subject", "body"}`."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            content = {
                "to": ", ".join(message.recipients()),
                "from": message.from_email,
                "subject": message.subject,
                "body": message.body,
            }
            write_to_outbox("email", content)
        return len(email_messages)
