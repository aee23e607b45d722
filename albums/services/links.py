"""Links that open something: those of invitations, `/i/TOKEN`, and the open links of albums, `/o/TOKEN`.

Whoever has an invitation's link sees the album's invite page; whoever has an open link may join. The token is an
HMAC, with SECRET_KEY, of the row's id and a random nonce. So it can be made again for each sending, and a repeated
SMS has the same link, while the database holds only the token's SHA-256.
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
from albums.models import Invitation, OpenLink

KIND = "invitation"
TOKEN_BYTES = 18  # 24 characters of base64
NONCE_BYTES = 16


def renew_link(invitation: Invitation) -> None:
    """Gives the invitation a new link, without saving it; an older one opens nothing any longer."""
    renew_token(invitation)
    invitation.link_expires_at = timezone.now() + timedelta(days=settings.INVITATION_LINK_DAYS)


@register_link(KIND)
def invitation_link(invitation_id: str) -> str | None:
    """Returns the invitation's link; None when it opens nothing, as after the invitation was removed."""
    invitation = Invitation.objects.with_live_link().filter(pk=UUID(invitation_id)).first()
    return link_of_invitation(invitation) if invitation else None


def link_of_invitation(invitation: Invitation) -> str | None:
    """Returns the link of an invitation of a live album; None when it opens nothing. Costs no query."""
    expires_at = invitation.link_expires_at
    if invitation.removed_at or not expires_at or expires_at <= timezone.now():
        return None
    return f"{settings.PUBLIC_URL}/i/{_current_token(invitation)}"


def address_of_open_link(link: OpenLink) -> str:
    """Returns the open link's address, whether or not it lets anybody in now. Costs no query."""
    return f"{settings.PUBLIC_URL}/o/{_current_token(link)}"


def renew_token(row: Invitation | OpenLink) -> None:
    """Gives the row another token, without saving it; a link with the one before opens nothing any longer."""
    row.link_nonce = secrets.token_urlsafe(NONCE_BYTES)
    row.link_digest = token_digest(_token(row))


def _current_token(row: Invitation | OpenLink) -> str:
    """Returns the token; stores its digest when it is another one, because SECRET_KEY has changed since."""
    token = _token(row)
    digest = token_digest(token)
    if digest != row.link_digest:
        type(row)._default_manager.filter(pk=row.pk).update(link_digest=digest)
    return token


def _token(row: Invitation | OpenLink) -> str:
    purpose = "albums.invitation_link" if isinstance(row, Invitation) else "albums.open_link"
    digest = salted_hmac(purpose, f"{row.pk}:{row.link_nonce}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode()
