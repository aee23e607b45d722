from django.dispatch import receiver

from accounts.models import User
from accounts.signals import before_user_deletion, email_verified, phone_verified
from albums import services


@receiver(phone_verified)
def on_phone_verified(user: User, **_: object) -> None:
    services.claim_waiting_invitations(user=user)


@receiver(email_verified)
def on_email_verified(user: User, **_: object) -> None:
    services.claim_waiting_invitations(user=user)


@receiver(before_user_deletion)
def on_user_deletion(user: User, **_: object) -> None:
    services.remember_removals(user=user)
