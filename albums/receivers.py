from django.dispatch import receiver

from accounts.models import User
from accounts.signals import phone_verified
from albums import services


@receiver(phone_verified)
def on_phone_verified(user: User, **_: object) -> None:
    services.claim_waiting_invitations(user=user)
