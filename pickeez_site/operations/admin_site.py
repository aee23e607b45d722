"""The admin, which only a password opens."""

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth import BACKEND_SESSION_KEY
from django.http import HttpRequest, HttpResponse

PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"  # noqa: S105 - a class


class OperatorsAdminConfig(AdminConfig):
    default_site = "pickeez_site.operations.admin_site.OperatorsSite"


class OperatorsSite(AdminSite):
    """Lets in operators who have signed in with their password.

    An operator who signed in to the gallery, by a code or a link, is not an operator here: who has their phone for
    a minute must not have the server.
    """

    def has_permission(self, request: HttpRequest) -> bool:
        by_password = request.session.get(BACKEND_SESSION_KEY) == PASSWORD_BACKEND
        return by_password and super().has_permission(request)

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        response = super().login(request, extra_context)
        if request.method == "POST" and self.has_permission(request):
            request.session.set_expiry(settings.ADMIN_SESSION_SECONDS)
        return response
