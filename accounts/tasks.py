"""The Celery task that sends messages."""

from celery import shared_task

from accounts import services


@shared_task
def deliver_messages() -> None:
    services.send_due_messages()
    services.delete_old_codes_and_messages()
    services.delete_ended_sessions()
