"""The page behind an invitation's own link, `/i/TOKEN`, and the public page of an album."""

from enum import StrEnum

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from accounts.services import Credential, note_wrong_guess
from albums.models import Album, Invitation
from albums.selectors import album_of_old_link, invitation_by_link, is_member
from albums.services import claim_waiting_invitations
from photos.models import Original, Photo, PhotoQuerySet, Rendition
from pickeez_site.gallery.signing_in import Contact, Refusal, sign_in_browser
from pickeez_site.gallery.views.base import PRIVATE, GalleryView, content_policy
from pickeez_site.gallery.views.paths import album_path
from pickeez_site.gallery.views.selfie import first_screen
from pickeez_site.gallery.views.sign_in import with_headers
from pickeez_site.serving.media import MediaPaths
from pickeez_site.serving.proxies import client_address

MAX_PHOTOS = 10


class Standing(StrEnum):
    """What the invitation is to who opens it."""

    GUEST = "guest"  # nobody is signed in: a code to its phone or e-mail address signs in
    WAITING = "waiting"  # it is for the phone or address of who is signed in, and not claimed yet
    WITHOUT = "without"  # who is signed in has no phone, or no address; whether anybody has this one is not told
    OTHER = "other"  # somebody else is signed in
    MOVED = "moved"  # it was claimed by somebody who has another phone now: a code would sign in somebody else


class InvitationView(GalleryView):
    """Shows the album to whoever has the link, and lets in whose phone or mailbox it is.

    Opening it changes nothing.
    """

    http_method_names = ["get", "head", "post"]
    invitation: Invitation

    def answer(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        token = str(kwargs.get("token") or "").rstrip("/")
        try:
            self.invitation = invitation_by_link(token)
        except Invitation.DoesNotExist:
            viewer = self._viewer()
            if viewer and (old := album_of_old_link(token=token, user=viewer)):
                return self.to_album(old)
            note_wrong_guess(credential=Credential.LINK, address=client_address(request))
            return self.page("dead_invitation.html", status=404)
        return super().answer(request, *args, **kwargs)

    def get(self, request: HttpRequest, token: str = "") -> HttpResponseBase:
        viewer = self._viewer()
        if viewer and is_member(album=self.invitation.album, user=viewer):
            return self.to_album(self.invitation.album)
        return self.shown(asks_code=request.GET.get("step") == "code")

    def post(self, request: HttpRequest, token: str = "") -> HttpResponseBase:
        """Sends a code (`do=send`), or takes it and lets its user in (`do=enter`, `code`)."""
        code, viewer = request.POST.get("code", ""), self._viewer()
        try:
            standing = self._open_standing()
            if request.POST.get("do") == "send":
                self.contact.send_code(request, user=viewer if standing == Standing.WITHOUT else None)
                return self.done(f"{request.path}?step=code", {"sent_to": self.contact.masked})
            self._enter(code, standing)
        except Refusal as refusal:
            return self.shown(asks_code=request.POST.get("do") != "send", code=code, refusal=refusal)
        return self.done(self._first_page())

    def _viewer(self) -> User | None:
        return self.request.user if isinstance(self.request.user, User) else None

    @property
    def contact(self) -> Contact:
        return Contact(phone=self.invitation.phone, email=self.invitation.email)

    def _standing(self) -> Standing:
        viewer, claimed_by, contact = self._viewer(), self.invitation.claimed_by, self.contact
        if not self.invitation.contact or (claimed_by and not contact.is_of(claimed_by)):
            return Standing.MOVED
        if viewer is None:
            return Standing.GUEST
        if contact.is_of(viewer):
            return Standing.WAITING
        has_one = viewer.verified_phone if contact.phone else viewer.verified_email
        return Standing.OTHER if has_one else Standing.WITHOUT

    def _open_standing(self) -> Standing:
        """Raises `Refusal` when a code would let in somebody else."""
        standing = self._standing()
        if standing == Standing.MOVED:
            raise Refusal(_("This invitation was accepted already."), status=403)
        return standing

    @sensitive_variables("code")
    def _enter(self, code: str, standing: Standing) -> None:
        """Lets in who has the code; who is signed in with the contact already needs none. Raises `Refusal`."""
        viewer = self._viewer()
        before = viewer
        if viewer and standing == Standing.WITHOUT:
            viewer = self.contact.user_by_own_code(code, self.request, user=viewer)
        elif viewer is None or standing != Standing.WAITING:
            viewer = self.contact.user_by_code(code, self.request)
        if viewer != before:
            sign_in_browser(self.request, viewer)
        if not is_member(album=self.invitation.album, user=viewer):
            claim_waiting_invitations(user=viewer)

    def _first_page(self) -> str:
        """Returns where a guest goes now: to the selfie, which they need once, or to the album."""
        viewer, album = self._viewer(), self.invitation.album
        if not viewer or not is_member(album=album, user=viewer):
            return reverse("gallery:home")
        return first_screen(viewer, album_path(album))

    def to_album(self, album: Album) -> HttpResponseBase:
        return HttpResponseRedirect(album_path(album), status=303)

    def shown(self, *, asks_code: bool, code: str = "", refusal: Refusal | None = None) -> HttpResponse:
        if refusal and self.wants_json:
            return with_headers(self.refused(refusal.words, status=refusal.status), refusal)
        context = {
            **album_context(self.invitation.album),
            "standing": self._standing(),
            "contact": self.contact,
            "asks_code": asks_code,
            "code": code,
            "error": refusal and refusal.words,
            "minutes": settings.PHONE_CODE_SECONDS // 60,
            "album_path": album_path(self.invitation.album),
        }
        return with_headers(
            self.page("invitation.html", context, status=refusal.status if refusal else 200), refusal
        )


def album_context(album: Album, shown: PhotoQuerySet | None = None) -> dict[str, object]:
    """Returns what somebody who is not in the album yet sees of it: its names, its number of photos, its newest.

    `shown` are other photos than the newest ones.
    """
    alive = Photo.objects.alive().filter(album=album)
    photos = (alive if shown is None else shown).filter(original__status=Original.Status.READY)
    newest = list(photos.order_by("-pk").values_list("pk", flat=True)[:MAX_PHOTOS])
    media, preview = MediaPaths(), MediaPaths(settings.PUBLIC_URL)
    return {
        "album_name": album.name,
        "owner_name": album.owner.name,
        "count": alive.count(),
        "photos": [media.rendition(pk, Rendition.Kind.MEDIUM) for pk in newest],
        "preview": preview.rendition(newest[0], Rendition.Kind.WATERMARK) if newest else "",
    }


def public_page(request: HttpRequest, album: Album, shown: PhotoQuerySet) -> HttpResponse:
    """Returns the page of an album for whoever has its public address: what is in it, and how to join.

    It is the same for everybody, whoever is signed in.
    """
    language = translation.get_language_from_request(request)
    back = album_path(album)
    context = {**album_context(album, shown), "album_path": back, "standing": ""}
    with translation.override(language):
        page = render_to_string("gallery/invitation.html", context)
    return HttpResponse(page, headers={**PRIVATE, "Content-Language": language, **content_policy()})
