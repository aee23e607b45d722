"""Issues, checks and revokes the API keys of apps."""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.services import token_digest
from profiles.models import ApiKey, App, Owner

# The precision of `last_used_at`: a busy key must not cost a write with every request.
LAST_USE_PRECISION = timedelta(minutes=1)


@transaction.atomic
def get_or_create_app(*, owner_id: str, app_id: str) -> App:
    """Returns the owner's app, and creates both if they are new. Raises `ValidationError` for invalid ids."""
    for new in (Owner(owner_id=owner_id), App(app_id=app_id)):
        new.clean_fields(exclude=["owner"])
    owner, _ = Owner.objects.get_or_create(owner_id=owner_id)
    return App.objects.get_or_create(owner=owner, app_id=app_id)[0]


def issue_key(*, app: App, label: str = "") -> tuple[ApiKey, str]:
    """Creates a key of the app; returns its row and the key. Only a digest is stored, so it cannot be shown again.

    Raises `ValidationError` for a label that is too long.
    """
    key = secrets.token_urlsafe(32)
    issued = ApiKey(app=app, label=label, digest=token_digest(key))
    issued.clean_fields(exclude=["app"])
    issued.save()
    return issued, key


def find_api_key(*, key: str, store_use: bool = True) -> ApiKey | None:
    """Returns the live key with its app and owner, and stores its use; None for a wrong or revoked key.

    The database compares digests, so timing reveals nothing about a key.
    """
    api_key = ApiKey.objects.live().select_related("app__owner").filter(digest=token_digest(key)).first()
    now = timezone.now()
    is_stored = api_key and api_key.last_used_at and api_key.last_used_at > now - LAST_USE_PRECISION
    if api_key and store_use and not is_stored:
        long_unused = Q(last_used_at=None) | Q(last_used_at__lte=now - LAST_USE_PRECISION)
        ApiKey.objects.filter(long_unused, pk=api_key.pk).update(last_used_at=now)
    return api_key


def revoke_keys(*, keys: Iterable[ApiKey]) -> int:
    """Revokes the keys and returns the number that were not revoked before."""
    ids = [key.pk for key in keys]
    return ApiKey.objects.live().filter(pk__in=ids).update(revoked_at=timezone.now())
