"""The guests of an album, for its owner: inviting, who has come, who waits, who was removed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.phones import e164_format
from accounts.services import MoreThanLimit, RateLimitExceeded
from accounts.sms_recipients import NoSmsToPhone
from albums.models import Invitation, OpenLink
from albums.services import (
    Invited,
    invite_emails,
    invite_phones,
    remove_guest,
    resend_invitation,
    restore_invitation,
    set_may_upload,
)
from albums.services.links import address_of_open_link, link_of_invitation
from photos.models import Photo
from pickeez_site.gallery.contacts import (
    MAX_CONTACTS,
    ContactList,
    TooMany,
    mailto_uri,
    read_contacts,
    sms_uri,
)
from pickeez_site.gallery.views.base import OwnedAlbumView

PAGE = 50
MAX_NAMED = 20  # contacts that could not be read, in one sentence
LISTS = ("joined", "waiting", "removed")
DAYS = (1, 3, 7, 30, 90, 365)  # how long an open link may be valid


@dataclass(frozen=True)
class Guest:
    """A row of the list: an invitation and what its owner can do with it."""

    invitation: Invitation
    link: str | None
    sms: str
    mailto: str

    @property
    def contact(self) -> str:
        phone = self.invitation.phone
        return e164_format(phone) if phone else self.invitation.email


class GuestsView(OwnedAlbumView):
    """The list, a page of fifty at a time, the form to invite by, and the open link."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        return self.shown()

    def post(self, request: HttpRequest, album_id: UUID) -> HttpResponse:
        """Invites the numbers and addresses in `contacts`. What cannot be read is named, the rest is invited."""
        text = request.POST.get("contacts", "")
        try:
            found = read_contacts(text, self.viewer)
        except TooMany:
            words = _("These are too many at once. Please send at most %(number)d numbers and addresses.")
            return self.not_invited(words % {"number": MAX_CONTACTS}, text, status=400)
        if not len(found):
            return self.not_invited(_("Please type phone numbers or e-mail addresses."), text, status=400)
        try:
            with transaction.atomic():
                outcomes = [
                    invite_phones(album=self.album, phones=found.phones, sms_without_device=True),
                    invite_emails(album=self.album, emails=found.emails),
                ]
        except RateLimitExceeded as error:
            response = self.not_invited(too_often(error), text, status=429)
            response["Retry-After"] = str(error.retry_after)
            return response
        return self._invited(found, outcomes)

    def _invited(self, found: ContactList, outcomes: Sequence[Invited]) -> HttpResponse:
        said = _in_words(outcomes)
        if found.bad:
            for words in said:
                messages.success(self.request, words)
            words = ngettext(
                "This is neither a phone number nor an e-mail address: %(what)s.",
                "These are neither phone numbers nor e-mail addresses: %(what)s.",
                len(found.bad),
            ) % {"what": _named(found.bad)}
            return self.not_invited(words, "\n".join(found.bad), status=400)
        for words in said:
            messages.success(self.request, words)
        return self.done(guests_path(self.album.pk, "waiting"), {"said": said})

    def not_invited(self, words: str, text: str, *, status: int) -> HttpResponse:
        """Says why, with the text still in its field."""
        if self.wants_json:
            return self.refused(words, status=status)
        return self.shown({"error": words, "contacts": text}, status=status)

    def shown(self, more: Mapping[str, object] | None = None, *, status: int = 200) -> HttpResponse:
        """The page. `more` are what was typed and what is wrong with it."""
        invitations = Invitation.objects.filter(album=self.album)
        counts = invitations.aggregate(**{name: Count("pk", filter=_selected(name)) for name in LISTS})
        show = self.request.GET.get("show", "")
        show = show if show in LISTS else "waiting" if counts["waiting"] and not counts["joined"] else "joined"
        rows = invitations.filter(_selected(show)).select_related("claimed_by", "open_link").order_by("-pk")
        page = Paginator(rows, PAGE).get_page(self.request.GET.get("page"))
        open_link = OpenLink.objects.current().filter(album=self.album).first()
        context = {
            "album": self.album,
            "show": show,
            "counts": counts,
            "page": page,
            "guests": [self._guest(row) for row in page.object_list],
            "open_link": open_link,
            "open_link_address": open_link and address_of_open_link(open_link),
            "open_link_sms": open_link and sms_uri("", self._invites(address_of_open_link(open_link))),
            "days": DAYS,
            **(more or {}),
        }
        return self.page("guests.html", context, status=status)

    def _guest(self, row: Invitation) -> Guest:
        link = link_of_invitation(row) if row.claimed_by_id is None else None
        text = self._invites(link or settings.PUBLIC_URL)
        return Guest(
            invitation=row,
            link=link,
            sms=sms_uri(row.phone, text) if link and row.phone else "",
            mailto=mailto_uri(row.email, self.album.name, text) if link and row.email else "",
        )

    def _invites(self, link: str) -> str:
        words = _("I invite you to the album “%(name)s”:") % {"name": self.album.name}
        return f"{words} {link}"


class GuestView(OwnedAlbumView):
    """What the owner does with one invitation, by `do`."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, album_id: UUID, invitation_id: UUID) -> HttpResponse:
        invitation = Invitation.objects.select_related("claimed_by").get(album=self.album, pk=invitation_id)
        do = request.POST.get("do", "")
        if do == "resend":
            return self._resend(invitation)
        if do == "withdraw" and invitation.claimed_by_id is None:
            remove_guest(invitation=invitation)
            return self._said(_("The invitation was taken back. Its link opens nothing any longer."), "waiting")
        if do == "restore":
            restore_invitation(invitation=invitation)
            if invitation.claimed_by_id is None:
                return self._said(_("The invitation is valid again."), "waiting")
            return self._said(_("Welcome back: the guest and their photos are in the album again."), "joined")
        if do in ("upload", "look"):
            set_may_upload(invitation=invitation, may_upload=do == "upload")
            said = _("May add photos now.") if do == "upload" else _("May only look now.")
            return self._said(said, "joined" if invitation.claimed_by_id else "waiting")
        return self.refused(_("This cannot be done with the invitation."), status=400)

    def _resend(self, invitation: Invitation) -> HttpResponse:
        try:
            sent = resend_invitation(invitation=invitation)
        except RateLimitExceeded as error:
            response = self.refused(too_often(error), status=429)
            response["Retry-After"] = str(error.retry_after)
            return response
        except NoSmsToPhone:
            return self.refused(_("This server sends no SMS to this number."), status=400)
        if not sent:
            words = _("They got several messages within the last hour. Please wait, or send the link yourself.")
            response = self.refused(words, status=429)
            response["Retry-After"] = "3600"
            return response
        return self._said(_("The invitation is on its way once more."), "waiting")

    def _said(self, words: str, show: str) -> HttpResponse:
        messages.success(self.request, words)
        return self.done(guests_path(self.album.pk, show), {"said": words})


class RemoveGuestView(OwnedAlbumView):
    """Removes a member, after a page that says what becomes of their photos."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, album_id: UUID, invitation_id: UUID) -> HttpResponse:
        invitation = self._member(invitation_id)
        photos = Photo.objects.alive().filter(album=self.album, uploader=invitation.claimed_by)
        context = {"album": self.album, "guest": invitation, "count": photos.count()}
        return self.page("remove_guest.html", context)

    def post(self, request: HttpRequest, album_id: UUID, invitation_id: UUID) -> HttpResponse:
        remove_guest(invitation=self._member(invitation_id))
        words = _("They are no longer in the album, and their photos are not either.")
        messages.success(request, words)
        return self.done(guests_path(self.album.pk, "removed"), {"said": words})

    def _member(self, invitation_id: UUID) -> Invitation:
        live = Invitation.objects.live().filter(album=self.album, claimed_by__isnull=False)
        return live.select_related("claimed_by").get(pk=invitation_id)


def guests_path(album_id: UUID, show: str) -> str:
    return f"{reverse('gallery:guests', args=[album_id])}?show={show}#guests"


def too_often(error: RateLimitExceeded) -> str:
    """Says in words that a rate limit was reached, and when to try again."""
    if isinstance(error, MoreThanLimit):
        words = _("Only %(number)d messages are possible within an hour. Please send fewer, or use the open link.")
        return words % {"number": error.limit}
    minutes = max(1, ceil(error.retry_after / 60))
    words = ngettext(
        "Too many messages were sent. Please try again in %(minutes)d minute, or use the open link.",
        "Too many messages were sent. Please try again in %(minutes)d minutes, or use the open link.",
        minutes,
    )
    return words % {"minutes": minutes}


def _selected(show: str) -> Q:
    live = Q(removed_at=None)
    if show == "removed":
        return ~live
    return live & Q(claimed_by__isnull=show == "waiting")


def _in_words(outcomes: Sequence[Invited]) -> list[str]:
    """Says what became of those who were to be invited, each in a sentence of its own."""
    invited = sum(len(outcome.invited) for outcome in outcomes)
    already = [contact for outcome in outcomes for contact in outcome.already]
    unsent = [contact for outcome in outcomes for contact in outcome.unsent]
    said = []
    if invited:
        words = ngettext(
            "%(number)d invitation is on its way.", "%(number)d invitations are on their way.", invited
        )
        said.append(words % {"number": invited})
    if already:
        words = ngettext("Invited before: %(what)s.", "Invited before: %(what)s.", len(already))
        said.append(words % {"what": _named(already)})
    if unsent:
        words = _(
            "Invited, but not told, because they got several messages lately; send them their links: %(what)s."
        )
        said.append(words % {"what": _named(unsent)})
    if any(outcome.own for outcome in outcomes):
        said.append(_("You are in your album anyway."))
    return said


def _named(contacts: Sequence[str]) -> str:
    named = ", ".join(contacts[:MAX_NAMED])
    return f"{named} …" if len(contacts) > MAX_NAMED else named
