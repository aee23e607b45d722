"""The first page after signing in: the viewer's albums."""

from django.http import HttpRequest, HttpResponse

from pickeez_site.gallery.views.base import GalleryView, SignedInView


class HomeView(SignedInView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("home.html")


class SignInView(GalleryView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("sign_in.html")
