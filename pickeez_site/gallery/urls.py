"""The pages for people. A route's name is its page's; `/i/TOKEN`, the invitation, is in the site's own URLs."""

from django.urls import path

from pickeez_site.gallery.views import home

app_name = "gallery"
urlpatterns = [
    path("", home.HomeView.as_view(), name="home"),
    path("sign-in/", home.SignInView.as_view(), name="sign-in"),
]
