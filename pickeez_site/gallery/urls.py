"""The pages for people. A route's name is its page's; `/i/TOKEN`, the invitation, is in the site's own URLs."""

from django.urls import path

from pickeez_site.gallery.views import home, me, selfie, shows_me

app_name = "gallery"
urlpatterns = [
    path("", home.HomeView.as_view(), name="home"),
    path("sign-in/", home.SignInView.as_view(), name="sign-in"),
    path("me/", me.MeView.as_view(), name="me"),
    path("me/name/", me.NameView.as_view(), name="my-name"),
    path("me/pushes/", me.PushesView.as_view(), name="my-pushes"),
    path("me/selfie/", selfie.SelfieView.as_view(), name="selfie"),
    path("me/selfie/<uuid:selfie_id>/delete/", selfie.DeleteSelfieView.as_view(), name="delete-selfie"),
    path(
        "albums/<uuid:album_id>/photos/<uuid:photo_id>/shows-me/",
        shows_me.ShowsMeView.as_view(),
        name="shows-me",
    ),
]
