"""Signing in by a code to a phone or an e-mail address, or by a link; and signing out."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import (
    Credential,
    note_wrong_guess,
    open_email_code,
    open_sign_in_link,
    user_by_email_link,
    user_by_sign_in_link,
)
from pickeez_site.gallery.signing_in import Contact, Refusal, in_words, read_contact, sign_in_browser
from pickeez_site.gallery.views.base import GalleryView, safe_next
from pickeez_site.gallery.views.selfie import first_page
from pickeez_site.serving.proxies import client_address

PENDING = "signing_in"  # what a browser that has asked for a code is waiting for
PENDING_SECONDS = 3600


class SignInView(GalleryView):
    """Asks for a phone number or an e-mail address, and sends a code there."""

    def get(self, request: HttpRequest) -> HttpResponse:
        back = safe_next(request.GET.get("next", ""))
        if request.user.is_authenticated:
            return HttpResponseRedirect(back, status=303)
        return self.form(back=back)

    def post(self, request: HttpRequest) -> HttpResponse:
        who, back = request.POST.get("who", ""), safe_next(request.POST.get("next", ""))
        try:
            contact = read_contact(who, request)
            contact.send_code(request)
        except Refusal as refusal:
            return self.form(who=who, back=back, refusal=refusal)
        request.session[PENDING] = {"phone": contact.phone, "email": contact.email, "next": back}
        if not request.user.is_authenticated:
            request.session.set_expiry(PENDING_SECONDS)
        return self.done(reverse("gallery:sign-in-code"), {"sent_to": str(contact)})

    def form(self, *, back: str, who: str = "", refusal: Refusal | None = None) -> HttpResponse:
        if refusal and self.wants_json:
            return self.refused(refusal.words, status=refusal.status)
        context = {"who": who, "next": back, "error": refusal and refusal.words}
        context["provider"] = settings.OIDC_NAME if settings.OIDC_ISSUER else ""
        response = self.page("sign_in.html", context, status=refusal.status if refusal else 200)
        return with_headers(response, refusal)


class SignInCodeView(GalleryView):
    """Asks for the code, and signs in with it."""

    contact: Contact
    back: str

    def answer(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        pending = request.session.get(PENDING)
        if pending is None:
            return HttpResponseRedirect(reverse("gallery:sign-in"), status=303)
        self.contact = Contact(phone=pending["phone"], email=pending["email"])
        self.back = safe_next(pending["next"])
        return super().answer(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.form()

    def post(self, request: HttpRequest) -> HttpResponse:
        code = request.POST.get("code", "")
        try:
            user = self.contact.user_by_code(code, request)
        except Refusal as refusal:
            return self.form(code=code, refusal=refusal)
        del request.session[PENDING]
        page = first_page(user, self.back)
        sign_in_browser(request, user)
        return self.done(page, {"next": page})

    def form(self, *, code: str = "", refusal: Refusal | None = None) -> HttpResponse:
        if refusal and self.wants_json:
            return self.refused(refusal.words, status=refusal.status)
        context = {
            "contact": self.contact,
            "next": self.back,
            "code": code,
            "error": refusal and refusal.words,
            "minutes": settings.PHONE_CODE_SECONDS // 60,
        }
        response = self.page("sign_in_code.html", context, status=refusal.status if refusal else 200)
        return with_headers(response, refusal)


class SignInLinkView(GalleryView):
    """A link from an e-mail or the operator. It opens a page with a button: previews of chats open it, too."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        user, email = self._owner_of(token)
        if user is None and not email:
            return self.dead()
        return self.page("sign_in_link.html", {"user": user, "email": email, "other": self._other(user)})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        user, email = self._owner_of(token)
        if user is None and not email:
            return self.dead()
        try:
            with in_words():
                user = user_by_sign_in_link(token=token) if user else user_by_email_link(token=token)
        except Refusal as refusal:  # used in the same moment, or the account was closed
            return self.refused(refusal.words, status=refusal.status)
        page = first_page(user, reverse("gallery:home"))
        sign_in_browser(request, user)
        return self.done(page, {"next": page})

    def dead(self) -> HttpResponse:
        note_wrong_guess(credential=Credential.LINK, address=client_address(self.request))
        return self.page("dead_sign_in_link.html", status=404)

    def _owner_of(self, token: str) -> tuple[User | None, str]:
        """Returns the user of an operator's link, or the address of an e-mail's; neither for a dead one."""
        if link := open_sign_in_link(token):
            return link.user, ""
        code = open_email_code(token)
        return None, code.email if code else ""

    def _other(self, user: User | None) -> bool:
        return self.request.user.is_authenticated and self.request.user != user


class SignOutView(GalleryView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("gallery:home"), status=303)

    def post(self, request: HttpRequest) -> HttpResponse:
        logout(request)
        messages.success(request, _("You are signed out on this device."))
        return self.done(reverse("gallery:sign-in"))


def with_headers(response: HttpResponse, refusal: Refusal | None) -> HttpResponse:
    for name, value in (refusal.headers if refusal else {}).items():
        response[name] = value
    return response
