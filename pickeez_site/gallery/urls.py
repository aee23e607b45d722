"""The pages for people. A route's name is its page's; `/i/TOKEN`, the invitation, is in the site's own URLs."""

from django.urls import path

from pickeez_site.gallery.views import add, album, home, me, photo, selfie, shows_me, uploads

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
    path("albums/<uuid:album_id>/", album.TimelineView.as_view(), name="album"),
    path("albums/<uuid:album_id>/me/", album.MeView.as_view(), name="album-me"),
    path("albums/<uuid:album_id>/liked/", album.LikedView.as_view(), name="album-liked"),
    path("albums/<uuid:album_id>/people/", album.PeopleView.as_view(), name="album-people"),
    path("albums/<uuid:album_id>/people/<uuid:person_id>/", album.PersonView.as_view(), name="album-person"),
    path("albums/<uuid:album_id>/state/", album.AlbumStateView.as_view(), name="album-state"),
    path("albums/<uuid:album_id>/photos/<uuid:photo_id>/", photo.PhotoView.as_view(), name="photo"),
    path("albums/<uuid:album_id>/photos/<uuid:photo_id>/like/", photo.LikeView.as_view(), name="like"),
    path("albums/<uuid:album_id>/photos/<uuid:photo_id>/delete/", photo.DeleteView.as_view(), name="photo-delete"),
    path("albums/<uuid:album_id>/add/", add.AddView.as_view(), name="add"),
    path("albums/<uuid:album_id>/add/done/", add.DoneView.as_view(), name="done-uploading"),
    path("albums/<uuid:album_id>/uploads/", uploads.UploadsView.as_view(), name="uploads"),
    path("albums/<uuid:album_id>/uploads/<uuid:upload_id>/", uploads.UploadView.as_view(), name="upload"),
]
