"""Messages to users: stored with the change that causes them, and sent by the worker afterwards."""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.message_links import LINK_TO, DeadLink, link_of
from accounts.messaging import (
    MessageNotSent,
    RecipientGone,
    get_push_backend,
    get_sms_backend,
    get_web_push_backend,
)
from accounts.messaging.email import send_email
from accounts.models import EmailCode, Message, PhoneCode, PushSubscription, SignInLink, User
from accounts.services.sms_limits import limits_for_all_sms, limits_for_sender
from accounts.services.throttling import RateLimit, consume, delete_old_hits, under_limit
from accounts.services.tokens import token_digest
from accounts.sms_recipients import check_recipient
from core.enqueueing import enqueue

logger = logging.getLogger(__name__)
MAX_TRIES = 6
FIRST_RETRY = timedelta(seconds=30)
KEEP_SENT = timedelta(days=1)
HANGING_SECONDS = 4  # a gateway that fails after a longer time counts as hanging
# The same text to the same user within this time is one message, because clients repeat calls.
REPEATED_WITHIN = timedelta(seconds=60)


def _store_and_send(messages: list[Message]) -> None:
    if messages:
        Message.objects.bulk_create(messages)
        enqueue("accounts.tasks.deliver_messages")


@transaction.atomic
def queue_push(
    *,
    users: Iterable[User],
    body: str,
    data: Mapping[str, object],
    links: Mapping[UUID, dict[str, str]] | None = None,
    caused_by: User | None = None,
) -> None:
    """Queues a push to each device and browser of the users who want pushes, unless they just got the same one.

    `links` are the users' own links (`accounts.message_links`), by user id; each becomes `link` in the data.
    The push goes with the user who has caused it, when that user is deleted.
    """
    wanted = {user.pk: user for user in users if user.send_push_notifs}
    browsers = PushSubscription.objects.filter(user__in=wanted).order_by("pk") if wanted else []
    own = {pk: {**data, **(links or {}).get(pk, {})} for pk in wanted}
    recent = Message.objects.filter(user__in=own, body=body, created_at__gt=timezone.now() - REPEATED_WITHIN)
    informed = {user_id for user_id, sent in recent.values_list("user_id", "data") if sent == own.get(user_id)}
    to_devices = [
        Message(channel=Message.Channel.PUSH, user_id=pk, caused_by=caused_by, body=body, data=own[pk])
        for pk, user in wanted.items()
        if user.push_notif_token and pk not in informed
    ]
    to_browsers = [
        Message(
            channel=Message.Channel.WEB,
            user_id=browser.user_id,
            subscription=browser,
            caused_by=caused_by,
            body=body,
            data=own[browser.user_id],
        )
        for browser in browsers
        if browser.user_id not in informed
    ]
    _store_and_send([*to_devices, *to_browsers])


@transaction.atomic
def queue_sms(
    *,
    phones: Sequence[str],
    body: str,
    sender: User | None = None,
    links: Mapping[str, dict[str, str]] | None = None,
) -> list[str]:
    """Queues an SMS to each of the phones, with its own link after the body (`accounts.message_links`), if any.

    Phones that have reached a limit of their own are left out; returns the others. Raises `NoSmsToPhone` when one
    of them gets no SMS, and `RateLimitExceeded` when they exceed the limits of the sender, if given, of their
    country, or over all.
    """
    if not phones:
        return []
    for phone in phones:
        check_recipient(phone)
    per_hour, per_day = settings.SMS_TO_PHONE_PER_HOUR, settings.SMS_TO_PHONE_PER_DAY
    allowed = under_limit(what="SMS to phone", by=phones, per_hour=per_hour, per_day=per_day)
    reached = [phone for phone in phones if phone in allowed]
    limits = limits_for_all_sms(reached) if reached else []
    if sender:
        limits.extend(limits_for_sender(sender, len(phones)))
    consume(limits)
    _store_and_send(
        [
            Message(
                channel=Message.Channel.SMS,
                phone=phone,
                caused_by=sender,
                body=body,
                data=(links or {}).get(phone, {}),
            )
            for phone in reached
        ]
    )
    return reached


@transaction.atomic
def queue_emails(
    *,
    emails: Sequence[str],
    subject: str,
    body: str,
    sender: User,
    links: Mapping[str, dict[str, str]],
) -> list[str]:
    """Queues an e-mail to each of the addresses, with its own link below the body (`accounts.message_links`).

    Addresses that have reached a limit of their own are left out; returns the others. Raises `RateLimitExceeded`
    when they exceed the limit of the sender, or that over all.
    """
    if not emails:
        return []
    digests = {email: token_digest(email) for email in emails}  # of one length, and no list of addresses
    per_hour, per_day = settings.EMAILS_TO_ADDRESS_PER_HOUR, settings.EMAILS_TO_ADDRESS_PER_DAY
    allowed = under_limit(what="e-mail to", by=digests.values(), per_hour=per_hour, per_day=per_day)
    reached = [email for email in emails if digests[email] in allowed]
    limits = [RateLimit("e-mail by user", str(sender.pk), settings.EMAILS_BY_USER_PER_HOUR, len(emails))]
    if reached:
        limits.append(RateLimit("e-mail", "all", settings.EMAILS_PER_HOUR, len(reached)))
    consume(limits)
    _store_and_send(
        [
            Message(
                channel=Message.Channel.EMAIL,
                email=email,
                caused_by=sender,
                subject=subject,
                body=body,
                data=links[email],
            )
            for email in reached
        ]
    )
    return reached


def send_due_messages() -> int:
    """Sends all due messages and returns the number sent. A message that fails temporarily is tried again later.

    A gateway that hangs is not called again in this round: waiting for each message would block the worker.
    """
    sent, hanging = 0, set[str]()
    for message in (
        Message.objects.due()
        .select_related("user", "subscription")
        .order_by("created_at")
        .iterator(chunk_size=200)
    ):
        if message.channel not in hanging and _claim(message):
            start = time.monotonic()
            delivered = _deliver(message)
            sent += delivered
            if not delivered and time.monotonic() - start > HANGING_SECONDS:
                hanging.add(message.channel)
    return sent


def _claim(message: Message) -> bool:
    """Claims the message until its next try, so that no other worker sends it."""
    next_try_at = timezone.now() + FIRST_RETRY * 2**message.tries
    return bool(Message.objects.due().filter(pk=message.pk).update(next_try_at=next_try_at, tries=F("tries") + 1))


def _deliver(message: Message) -> int:
    """Sends a claimed message and records the result. Returns 1 when it was sent, else 0."""
    if not _is_wanted(message):
        message.delete()
        return 0
    try:
        _send(message)
    except DeadLink:
        message.delete()
        return 0
    except RecipientGone:
        assert message.subscription is not None  # noqa: S101 - only browsers are ever gone
        message.subscription.delete()  # and with it the message
        return 0
    except ImproperlyConfigured:
        logger.exception("Messages by %s cannot be sent.", message.channel)
        return 0
    except MessageNotSent as error:
        final = not error.retry or message.tries + 1 >= MAX_TRIES
        logger.warning("Message %s was not sent (%s).", message.pk, "final" if final else "will be tried again")
        if final:
            Message.objects.filter(pk=message.pk).update(failed_at=timezone.now())
        return 0
    return Message.objects.filter(pk=message.pk).update(sent_at=timezone.now())


def _is_wanted(message: Message) -> bool:
    """Whether the user of a push still wants it, and has a device or browser for it. An SMS always is."""
    user = message.user
    if message.channel == Message.Channel.WEB:
        return bool(user and user.send_push_notifs and message.subscription)
    return message.channel != Message.Channel.PUSH or bool(
        user and user.send_push_notifs and user.push_notif_token
    )


def _send(message: Message) -> None:
    link = link_of(message.data)
    if message.channel == Message.Channel.SMS:
        get_sms_backend().send({"to": message.phone, "body": f"{message.body} {link}" if link else message.body})
        return
    if message.channel == Message.Channel.EMAIL:
        body = f"{message.body}\n\n{link}\n" if link else message.body
        send_email(to=message.email, subject=message.subject, body=body)
        return
    assert message.user is not None  # noqa: S101 - a database constraint says so
    push = {
        "to": str(message.user.pk),
        "body": message.body,
        "data": {name: value for name, value in message.data.items() if name != LINK_TO}
        | ({"link": link} if link else {}),
    }
    if message.subscription:
        keys = {name: getattr(message.subscription, name) for name in ("endpoint", "p256dh", "auth")}
        get_web_push_backend().send(push | keys)
    else:
        get_push_backend().send(push | {"token": message.user.push_notif_token})


def delete_old_codes_and_messages() -> None:
    now = timezone.now()
    PhoneCode.objects.filter(expires_at__lt=now).delete()
    EmailCode.objects.filter(expires_at__lt=now).delete()
    SignInLink.objects.filter(expires_at__lt=now).delete()
    delete_old_hits()
    Message.objects.filter(sent_at__lt=now - KEEP_SENT).delete()
    Message.objects.filter(failed_at__lt=now - 7 * KEEP_SENT).delete()
