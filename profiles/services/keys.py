"""Keys of apps: issued once, used, revoked."""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.services import token_digest
from profiles.models import ApiKey, App, Owner

# How exactly a key's last use is known: a busy key must not cost a write with every request.
USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def app_named(*, owner_id: str, app_id: str) -> App:
    """The owner's app; both are made if they are new. Raises `ValidationError` for ids that can be none."""
    for new in (Owner(owner_id=owner_id), App(app_id=app_id)):
        new.clean_fields(exclude=["owner"])
    owner, _ = Owner.objects.get_or_create(owner_id=owner_id)
    return App.objects.get_or_create(owner=owner, app_id=app_id)[0]


def issue_key(*, app: App, label: str = "") -> tuple[ApiKey, str]:
    """A new key of the app, and the key itself. It is shown this once and kept only as a digest.

    Raises `ValidationError` for a label that is too long.
    """
    key = secrets.token_urlsafe(32)
    issued = ApiKey(app=app, label=label, digest=token_digest(key))
    issued.clean_fields(exclude=["app"])
    issued.save()
    return issued, key


def key_presented(*, key: str) -> ApiKey | None:
    """The live key with its app and owner, its use noted; None for a wrong or revoked one.

    The database compares digests, so timing tells nothing about a key.
    """
    found = ApiKey.objects.live().select_related("app__owner").filter(digest=token_digest(key)).first()
    if found:
        _note_use(found)
    return found


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at <= now - USE_NOTED_EVERY:
        long_unused = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
        ApiKey.objects.filter(long_unused, pk=key.pk).update(last_used_at=now)


def revoke_keys(*, keys: Iterable[ApiKey]) -> int:
    """Makes the keys useless at once and for good; returns how many were not already."""
    ids = [key.pk for key in keys]
    return ApiKey.objects.live().filter(pk__in=ids).update(revoked_at=timezone.now())
