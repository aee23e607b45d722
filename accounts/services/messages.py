"""Messages to people: written down with the change that causes them, sent by the worker afterwards."""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.messaging import MessageNotSent, get_push_backend, get_sms_backend
from accounts.models import Message, PhoneCode, User
from accounts.services.throttling import Limit, consume, forget_old_hits, under_limit
from core.enqueueing import enqueue

logger = logging.getLogger(__name__)
MAX_TRIES = 6
FIRST_RETRY = timedelta(seconds=30)
KEEP_SENT = timedelta(days=1)
SLOW = 4  # seconds; a gateway that takes longer and fails hangs
# The same words to the same person within this time are one message: clients repeat calls.
REPEAT = timedelta(seconds=60)


def _announce(messages: list[Message]) -> None:
    if messages:
        Message.objects.bulk_create(messages)
        enqueue("accounts.tasks.deliver_messages")


@transaction.atomic
def queue_push(*, users: Iterable[User], body: str, data: Mapping[str, Any]) -> None:
    """A push to those of the users who want pushes and have a device, unless they had the same one just now."""
    reachable = [user for user in users if user.send_push_notifs and user.push_notif_token]
    told = set(
        Message.objects.filter(
            user__in=reachable, body=body, data=dict(data), created_at__gt=timezone.now() - REPEAT
        ).values_list("user_id", flat=True)
    )
    _announce(
        [
            Message(channel=Message.Channel.PUSH, user=user, body=body, data=dict(data))
            for user in reachable
            if user.pk not in told
        ]
    )


@transaction.atomic
def queue_sms(*, phones: Sequence[str], body: str, sender: User | None = None) -> None:
    """An SMS to each of the phones, on the sender's behalf if there is one.

    A phone gets only so many within an hour, whoever sends them; the rest is left out. Raises `TooMany` for a
    sender who sends too many.
    """
    if not phones:
        return
    if sender:
        consume([Limit("SMS by user", str(sender.pk), settings.SMS_BY_USER_PER_HOUR)], times=len(phones))
    free = under_limit(what="SMS to phone", by=phones, per_hour=settings.SMS_TO_PHONE_PER_HOUR)
    _announce([Message(channel=Message.Channel.SMS, phone=phone, body=body) for phone in phones if phone in free])


def send_due_messages() -> int:
    """Sends all that is due and says how many went out. A message that fails for now is tried again later.

    A gateway that hangs is left alone until the next round: waiting for each message would hold up the worker.
    """
    sent, hanging = 0, set[str]()
    for message in Message.objects.due().select_related("user").order_by("created_at").iterator(chunk_size=200):
        if message.channel not in hanging and _take(message):
            start = time.monotonic()
            delivered = _deliver(message)
            sent += delivered
            if not delivered and time.monotonic() - start > SLOW:
                hanging.add(message.channel)
    return sent


def _take(message: Message) -> bool:
    """Claims the message for the time until its next try, so that no two workers send it."""
    again = timezone.now() + FIRST_RETRY * 2**message.tries
    return bool(Message.objects.due().filter(pk=message.pk).update(next_try_at=again, tries=F("tries") + 1))


def _deliver(message: Message) -> int:
    if message.channel == Message.Channel.PUSH and not _still_wanted(message.user):
        message.delete()
        return 0
    try:
        _send(message)
    except ImproperlyConfigured:
        logger.exception("Messages by %s cannot be sent.", message.channel)
        return 0
    except MessageNotSent as error:
        final = not error.retry or message.tries + 1 >= MAX_TRIES
        logger.warning("Message %s was not sent (%s).", message.pk, "given up" if final else "again later")
        if final:
            Message.objects.filter(pk=message.pk).update(failed_at=timezone.now())
        return 0
    return Message.objects.filter(pk=message.pk).update(sent_at=timezone.now())


def _still_wanted(user: User | None) -> bool:
    return bool(user and user.send_push_notifs and user.push_notif_token)


def _send(message: Message) -> None:
    if message.channel == Message.Channel.SMS:
        get_sms_backend().send({"to": message.phone, "body": message.body})
        return
    assert message.user is not None  # noqa: S101 - a database constraint says so
    get_push_backend().send(
        {
            "to": str(message.user.pk),
            "token": message.user.push_notif_token,
            "body": message.body,
            "data": message.data,
        }
    )


def forget_old_codes_and_messages() -> None:
    now = timezone.now()
    PhoneCode.objects.filter(expires_at__lt=now).delete()
    forget_old_hits()
    Message.objects.filter(sent_at__lt=now - KEEP_SENT).delete()
    Message.objects.filter(failed_at__lt=now - 7 * KEEP_SENT).delete()
