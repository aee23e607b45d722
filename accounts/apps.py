from django.apps import AppConfig
from django.core import checks


class AccountsConfig(AppConfig):
    """Users, access tokens, phones and their codes, and the messages sent to users."""

    name = "accounts"

    def ready(self) -> None:
        from accounts.messaging.checks import check_messaging

        checks.register(check_messaging)
