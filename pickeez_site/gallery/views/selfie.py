"""The selfie: the first screen after signing in, and the pictures by which the viewer is recognised."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import set_name
from faces.models import Selfie, SelfieQuerySet
from faces.services import add_selfie, remove_selfies
from pickeez_site.gallery.selfie_words import refusal_of
from pickeez_site.gallery.views.base import SignedInView, safe_next
from pickeez_site.serving.media import selfie_path

MAX_SELFIES = 20  # of one user; more would only slow the recognition down


def first_screen(user: User, then: str) -> str:
    """Returns where to send who has just signed in: to the selfie if they have none, else to the path `then`."""
    if Selfie.objects.filter(user=user).exclude(status=Selfie.Status.REFUSED).exists():
        return then
    return f"{reverse('gallery:selfie')}?{urlencode({'next': then})}"


def first_page(user: User, then: str) -> str:
    """Returns where to send who signs in, before they are signed in: to the selfie, but only the first time.

    A link by which one joins an album goes first; it asks for the selfie when they have joined.
    """
    is_new = user.last_login is None and not then.startswith("/o/")
    return first_screen(user, then) if is_new else then


@dataclass(frozen=True)
class ShownSelfie:
    """A selfie of the viewer as the pages show it."""

    id: UUID
    url: str
    waits: bool
    refusal: str


def selfies_of(user: User) -> list[ShownSelfie]:
    """Returns the viewer's selfies that count or wait, newest first."""
    kept = _own(user).exclude(status=Selfie.Status.REFUSED).order_by("-created_at")
    return [_shown(selfie) for selfie in kept[: 2 * MAX_SELFIES]]


class SelfieView(SignedInView):
    """Takes a selfie and, of who has none, a name; shows what the worker found of the last one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if "id" not in request.GET:
            return self._form()
        selfie = _shown(_own(self.viewer).get(pk=_uuid(request.GET["id"])))
        if self.wants_json:
            return self.done("", {"waits": selfie.waits, "refusal": selfie.refusal})
        if selfie.refusal:
            return self._form(selfie.refusal)
        if selfie.waits:
            return self.page("selfie_waits.html", {"selfie": selfie, "next": self._next()})
        messages.success(request, _("Thank you! Now we know whom to look for."))
        return HttpResponseRedirect(reverse("gallery:me"), status=303)

    def post(self, request: HttpRequest) -> HttpResponse:
        name = request.POST.get("name", "")
        if name.strip():
            try:
                set_name(user=self.viewer, name=name)
            except ValidationError:
                return self._form(_("A name is one line of 1 to 200 characters."), status=400)
        file = request.FILES.get("file")
        if not isinstance(file, UploadedFile):
            return self._form(_("Please choose a picture of yourself first."), status=400)
        if _own(self.viewer).exclude(status=Selfie.Status.REFUSED).count() >= MAX_SELFIES:
            return self._form(_("You have given enough pictures. Remove one first."), status=400)
        try:
            selfie = add_selfie(user=self.viewer, file=file)
        except ValidationError:
            return self._form(_("The file is empty."), status=400)
        state = f"{reverse('gallery:selfie')}?{urlencode({'id': str(selfie.pk), 'next': self._next()})}"
        return self.done(state, {"state": state}, status=202)

    def _form(self, error: str = "", *, status: int = 200) -> HttpResponse:
        if error and self.wants_json:
            return self.refused(error, status=status)
        context = {"error": error, "next": self._next(), "has_name": bool(self.viewer.name)}
        return self.page("selfie.html", context, status=status)

    def _next(self) -> str:
        return safe_next(self.request.POST.get("next") or self.request.GET.get("next", ""))


class DeleteSelfieView(SignedInView):
    def post(self, request: HttpRequest, selfie_id: UUID) -> HttpResponse:
        _own(self.viewer).get(pk=selfie_id)
        remove_selfies(user=self.viewer, selfie_id=selfie_id)
        messages.success(request, _("The selfie is deleted."))
        return self.done(reverse("gallery:me"))


def _own(user: User) -> SelfieQuerySet:
    return Selfie.objects.filter(user=user, source=Selfie.Source.SELFIE)


def _shown(selfie: Selfie) -> ShownSelfie:
    waits = selfie.status == Selfie.Status.NEW
    return ShownSelfie(selfie.pk, selfie_path(selfie), waits, refusal_of(selfie))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Selfie.DoesNotExist from None
