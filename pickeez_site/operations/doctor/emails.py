"""Whether e-mails leave this server: guests who were invited by e-mail wait for them."""

from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from albums.models import Invitation
from pickeez_site.operations.doctor.findings import Finding, errors_as_findings, first_line, ok, problem, warning

NAME = "e-mail"
OUTBOX = "accounts.messaging.email_outbox.EmailBackend"


@errors_as_findings(NAME)
def check_emails() -> Finding:
    """Whether invitations by e-mail wait on a server whose e-mails only go to files."""
    if settings.EMAIL_BACKEND != OUTBOX:
        return ok(NAME, "e-mails are sent by EMAIL_URL")
    try:
        waiting = Invitation.objects.with_live_link().exclude(email="").filter(claimed_by=None).count()
    except DatabaseError as error:
        return problem(NAME, f"the invitations cannot be read ({first_line(error)})", "See the database above.")
    folder = Path(settings.OUTBOX_DIR) / "email"
    if waiting:
        advice = "Set EMAIL_URL, and have their album's owner send them again."
        return warning(
            NAME, f"e-mails go to files in {folder}, and {waiting} guests were invited by e-mail", advice
        )
    return ok(NAME, f"e-mails go to files in {folder}, and nobody was invited by e-mail")
