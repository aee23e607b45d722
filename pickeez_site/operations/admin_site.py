"""The admin, which only a password opens."""

from math import ceil

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import BACKEND_SESSION_KEY
from django.http import HttpRequest, HttpResponse

from accounts.services import Credential, RateLimitExceeded, check_guesses, note_wrong_guess
from pickeez_site.serving.proxies import client_address

PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"  # noqa: S105 - a class


class OperatorsSite(AdminSite):
    """Lets in operators who have signed in with their password.

    An operator who signed in to the gallery, by a code or a link, is not an operator here: who has their phone for
    a minute must not have the server.
    """

    def has_permission(self, request: HttpRequest) -> bool:
        by_password = request.session.get(BACKEND_SESSION_KEY) == PASSWORD_BACKEND
        return by_password and super().has_permission(request)

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Django's own page; 429 after too many wrong passwords, then also for the right one."""
        if request.method != "POST":
            return super().login(request, extra_context)
        address = client_address(request)
        try:
            check_guesses(credential=Credential.ADMIN_PASSWORD, address=address)
            response = super().login(request, extra_context)
            if response.status_code == 200:  # the form again: it was wrong
                note_wrong_guess(credential=Credential.ADMIN_PASSWORD, address=address)
        except RateLimitExceeded as error:
            words = f"Too many wrong passwords. Please try again in {ceil(error.retry_after / 60)} minutes."
            headers = {"Retry-After": str(error.retry_after)}
            return HttpResponse(words, status=429, content_type="text/plain", headers=headers)
        if self.has_permission(request):
            request.session.set_expiry(settings.ADMIN_SESSION_SECONDS)
        return response
