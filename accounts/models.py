"""Users, how they sign in (tokens, browser sessions, codes, links, providers), and the messages to users."""

from importlib import import_module
from typing import ClassVar, Generic, TypeVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7


class UserManager(BaseUserManager["User"]):
    def create_user(self, password: str | None = None, **fields: object) -> "User":
        """Creates a user. Only operators have a username and a password; others sign in by phone or Facebook."""
        user = self.model(**fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(
            password=password, username=username, **{"is_staff": True, "is_superuser": True, **fields}
        )


class User(AbstractBaseUser, PermissionsMixin):
    """A person who shares photos, or an operator of this server.

    `phone` is the number last given, `verified_phone` the one that was verified and that invitations refer to.
    Both are digits with the country code and without `+`. Likewise `email`, as a person or Facebook gave it, and
    `verified_email`, in the one form of `accounts.emails`, by which its user signs in.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(max_length=150, unique=True, null=True, blank=True, help_text="Operators only.")
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    pic_url = models.CharField(max_length=2000, blank=True)
    fb_id = models.CharField("Facebook id", max_length=64, unique=True, null=True, blank=True)
    fb_token = models.TextField("Facebook access token, encrypted", blank=True, editable=False)
    phone = models.CharField(max_length=15, blank=True)
    verified_phone = models.CharField(max_length=15, unique=True, null=True, blank=True)
    verified_email = models.EmailField(unique=True, null=True, blank=True)
    watermark_text = models.CharField(
        max_length=100, blank=True, help_text="Across this user's marked pictures; those made before keep theirs."
    )
    send_push_notifs = models.BooleanField("wants pushes", default=True)
    push_notif_token = models.CharField("device token for pushes", max_length=4096, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(verified_phone=""), name="verified_phone_not_empty"),
            models.CheckConstraint(condition=~models.Q(verified_email=""), name="verified_email_not_empty"),
            models.CheckConstraint(condition=~models.Q(fb_id=""), name="fb_id_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name or self.username or self.verified_phone or self.verified_email or str(self.id)


class AccessToken(models.Model):
    """A bearer token. Only its SHA-256 is stored, so the database reveals no token."""

    digest = models.CharField(max_length=64, primary_key=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="access_tokens")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"token of {self.user_id}"


class OneTimeCode(models.Model):
    """A code that was sent to somebody, and is valid once, for a few minutes, and for who has asked for it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    requester = models.CharField(
        max_length=64, editable=False, default="", db_default="", help_text="A hash of who has asked for it."
    )
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True, help_text="Used up, or voided by a newer code.")

    class Meta:
        abstract = True


CodeModel = TypeVar("CodeModel", bound=OneTimeCode)


class OneTimeCodeQuerySet(models.QuerySet[CodeModel], Generic[CodeModel]):
    def open(self) -> "OneTimeCodeQuerySet[CodeModel]":
        """Selects codes that are still valid."""
        return self.filter(closed_at=None, expires_at__gt=timezone.now())


class PhoneCodeQuerySet(OneTimeCodeQuerySet["PhoneCode"]):
    pass


class PhoneCode(OneTimeCode):
    """A code sent by SMS, to verify the phone of `user`; without a user, to sign in."""

    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="phone_codes")
    phone = models.CharField(max_length=15)

    objects = PhoneCodeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["phone", "created_at"]),
            models.Index(fields=["expires_at"]),
        ]

    def __str__(self) -> str:
        return f"code for {self.phone}"


class EmailCodeQuerySet(OneTimeCodeQuerySet["EmailCode"]):
    pass


class EmailCode(OneTimeCode):
    """A code sent by e-mail, to verify the address of `user`; without a user, to sign in.

    The link in the same e-mail signs in, too: whichever is used first closes the row for both.
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="email_codes")
    email = models.EmailField()
    link_digest = models.CharField(max_length=64, unique=True, editable=False)

    objects = EmailCodeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["email", "created_at"]),
            models.Index(fields=["expires_at"]),
        ]

    def __str__(self) -> str:
        return f"code for {self.email}"


class WrongGuesses(models.Model):
    """How many wrong codes were tried at a phone or an e-mail address since the last right one.

    After `WRONG_CODES_PER_CONTACT` of them nobody gets codes for it, until an operator deletes the row.
    """

    contact = models.CharField(max_length=254, primary_key=True, editable=False)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "wrong guesses"

    def __str__(self) -> str:
        return f"{self.count} at {self.contact}"


class SignInLinkQuerySet(models.QuerySet["SignInLink"]):
    def open(self) -> "SignInLinkQuerySet":
        """Selects links that still sign in."""
        return self.filter(used_at=None, expires_at__gt=timezone.now(), user__is_active=True)


class SignInLink(models.Model):
    """A link by which an operator lets a user sign in once. Only the SHA-256 of its token is stored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="sign_in_links")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects = SignInLinkQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["expires_at"])]

    def __str__(self) -> str:
        return f"link of {self.user_id}"


class ExternalIdentity(models.Model):
    """Who a user is at an OpenID Connect provider: its issuer, and its own, unchanging name for them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)  # OpenID Connect Core 1.0, section 2: at most 255 characters
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "external identities"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_user_per_identity"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.issuer}"


class BrowserSession(AbstractBaseSession):
    """A session of a browser, as the cookie names it: `session_key` is the SHA-256 of the cookie's key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session_key = models.CharField(max_length=64, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="browser_sessions")
    user_agent = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["user", "last_seen"])]

    def __str__(self) -> str:
        return f"browser of {self.user_id or 'nobody'}"

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        # As Django's middleware finds it: the store itself needs this model.
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store


class RateLimitHit(models.Model):
    """A use, or several at once, of something with a rate limit, such as a code sent to a phone."""

    what = models.CharField(max_length=40)
    by = models.CharField(max_length=64)
    times = models.PositiveIntegerField(default=1, db_default=1)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["what", "by", "at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.what} by {self.by}"


class PushSubscription(models.Model):
    """A browser that gets its user's pushes: the URL and the keys that it has given for that (RFC 8030, 8291)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="push_subscriptions")
    session = models.ForeignKey(
        "BrowserSession",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="push_subscriptions",
        help_text="With it the subscription ends: who signs out gets no more pushes there.",
    )
    endpoint = models.CharField(max_length=2000, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"browser of {self.user_id}"


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self) -> "MessageQuerySet":
        return self.filter(sent_at=None, failed_at=None, next_try_at__lte=timezone.now())


class Message(models.Model):
    """An SMS, push or e-mail. It is stored before it is sent, so a lost task loses no message."""

    class Channel(models.TextChoices):
        SMS = "sms", "SMS"
        PUSH = "push", "push"
        EMAIL = "email", "e-mail"
        WEB = "web", "push to a browser"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.CharField(max_length=5, choices=Channel)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="messages")
    # Whose words it bears, such as the name of who invites: it goes when they are deleted, sent or not.
    caused_by = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="caused_messages")
    phone = models.CharField(max_length=15, blank=True)
    email = models.EmailField("e-mail", blank=True, default="", db_default="")
    subject = models.CharField(max_length=200, blank=True, default="", db_default="", help_text="Of an e-mail.")
    subscription = models.ForeignKey(
        PushSubscription, models.CASCADE, null=True, blank=True, related_name="messages"
    )
    body = models.TextField()
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    next_try_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"], name="message_due", condition=models.Q(sent_at=None, failed_at=None)
            ),
            models.Index(fields=["user", "created_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(channel="sms") & ~models.Q(phone="")
                | models.Q(channel="push", user__isnull=False)
                | models.Q(channel="email") & ~models.Q(email="")
                | models.Q(channel="web", user__isnull=False, subscription__isnull=False),
                name="message_has_a_recipient",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.user_id or self.phone or self.email}"
