"""The doctor warns when guests wait for e-mails that only go to files."""

import pytest
from django.db import DatabaseError
from pytest_django import Settings

from albums.models import Album, InvitationQuerySet
from albums.services import invite_emails, remove_guest
from pickeez_site.operations.doctor.emails import OUTBOX, check_emails
from pickeez_site.operations.doctor.findings import Level


@pytest.fixture(autouse=True)
def _to_files(settings: Settings) -> None:
    settings.EMAIL_BACKEND = OUTBOX


def test_it_warns_while_somebody_waits(album: Album) -> None:
    assert check_emails().level == Level.OK
    invite_emails(album=album, emails=["anna@example.org", "ben@example.org"])
    finding = check_emails()
    assert finding.level == Level.WARNING
    assert "2 guests were invited by e-mail" in finding.found
    assert "EMAIL_URL" in finding.advice
    for invitation in album.invitations.exclude(email=""):
        remove_guest(invitation=invitation)
    assert check_emails().level == Level.OK


def test_a_mail_server_is_all_right(settings: Settings, album: Album) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    invite_emails(album=album, emails=["anna@example.org"])
    assert check_emails().level == Level.OK


@pytest.mark.django_db
def test_an_unreadable_database_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: InvitationQuerySet) -> InvitationQuerySet:
        raise DatabaseError("gone")

    monkeypatch.setattr(InvitationQuerySet, "with_live_link", fail)
    assert check_emails().level == Level.PROBLEM
