"""The language that a reader has chosen, in a cookie; without it, what their browser asks for."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from pickeez_site.gallery.views.base import GalleryView, safe_next


class LanguageView(GalleryView):
    def post(self, request: HttpRequest) -> HttpResponse:
        language = request.POST.get("language", "")
        if language not in dict(settings.LANGUAGES):
            return self.refused(_("There is no such language here."), status=400)
        answer = self.done(safe_next(request.POST.get("next", "")), {"language": language})
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
        return answer
