"""The own links of invitations, `/i/TOKEN`: whoever has one sees the album's invite page.

The token is an HMAC, with SECRET_KEY, of the invitation's id and a random nonce. So it can be made again for each
sending, and a repeated SMS has the same link, while the database holds only the token's SHA-256.
"""

import base64
import secrets
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.message_links import register_link
from accounts.services import token_digest
from albums.models import Invitation

KIND = "invitation"
TOKEN_BYTES = 18  # 24 characters of base64
NONCE_BYTES = 16


def renew_link(invitation: Invitation) -> None:
    """Gives the invitation a new link, without saving it; an older one opens nothing any longer."""
    invitation.link_nonce = secrets.token_urlsafe(NONCE_BYTES)
    invitation.link_digest = token_digest(_token(invitation))
    invitation.link_expires_at = timezone.now() + timedelta(days=settings.INVITATION_LINK_DAYS)


@register_link(KIND)
def invitation_link(invitation_id: str) -> str | None:
    """Returns the invitation's link; None when it opens nothing, as after the invitation was removed."""
    invitation = Invitation.objects.with_open_link().filter(pk=UUID(invitation_id)).first()
    if invitation is None:
        return None
    token = _token(invitation)
    digest = token_digest(token)
    if digest != invitation.link_digest:  # SECRET_KEY has changed since
        Invitation.objects.filter(pk=invitation.pk).update(link_digest=digest)
    return f"{settings.PUBLIC_URL}/i/{token}"


def _token(invitation: Invitation) -> str:
    value = f"{invitation.pk}:{invitation.link_nonce}"
    digest = salted_hmac("albums.invitation_link", value, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode()
