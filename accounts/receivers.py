from typing import Any

from django.dispatch import receiver

from accounts import tasks
from accounts.signals import messages_queued
from core.enqueueing import send_task


@receiver(messages_queued)
def deliver(**_: Any) -> None:
    send_task(tasks.deliver_messages)
