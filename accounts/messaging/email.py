"""Sends e-mails by Django's `EMAIL_BACKEND`, one at a time."""

from smtplib import SMTPException, SMTPRecipientsRefused

from django.core.mail import EmailMessage

from accounts.messaging.base import MessageNotSent


def send_email(*, to: str, subject: str, body: str) -> None:
    """Sends a plain text. Raises `MessageNotSent`, whose text has neither the message nor a credential."""
    message = EmailMessage(subject=" ".join(subject.split()), body=body, to=[to])
    try:
        message.send()
    except SMTPRecipientsRefused:
        raise MessageNotSent("The mail server refuses this address.", retry=False) from None
    except (SMTPException, OSError) as error:
        raise MessageNotSent(f"The mail server took no message: {type(error).__name__}.", retry=True) from None
