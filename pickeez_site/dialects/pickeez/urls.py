"""The document's routes, in its order."""

from django.urls import URLPattern
from rest_framework.viewsets import ViewSet

from pickeez_site.dialects.pickeez.albums import AlbumViewSet, InvitationViewSet
from pickeez_site.dialects.pickeez.algorithm import AlbumQueueViewSet, FaceModelViewSet
from pickeez_site.dialects.pickeez.facebook import FacebookViewSet
from pickeez_site.dialects.pickeez.invite_page import InvitePageViewSet
from pickeez_site.dialects.pickeez.library_people import PeopleChangesViewSet, PeopleViewSet
from pickeez_site.dialects.pickeez.people import CallerViewSet, LogoutViewSet, SelfieViewSet, SignInViewSet
from pickeez_site.dialects.pickeez.photos import PhotoViewSet
from pickeez_site.dialects.pickeez.service import PingViewSet, ServiceViewSet
from pickeez_site.dialects.routing import route


def both(pattern: str, viewset: type[ViewSet], name: str, action: str) -> list[URLPattern]:
    """A GET of the document that changes something: POST does the same."""
    return route(pattern, viewset, name, get=action, post=action)


urlpatterns = [
    *route("", ServiceViewSet, "root", get="root"),
    *route("ping", PingViewSet, "ping", get="ping"),
    *route("routes", ServiceViewSet, "routes", get="routes"),
    # People
    *route("fb", FacebookViewSet, "fb", get="dialog"),
    *route("fb_enter", FacebookViewSet, "fb-enter", get="enter"),
    *route("fb_enter_browser", FacebookViewSet, "fb-enter-browser", get="enter"),
    *route("login/phone", SignInViewSet, "login-phone", post="send_code"),
    *route("login/phone/confirm", SignInViewSet, "login-phone-confirm", post="confirm"),
    *route("logout", LogoutViewSet, "logout", post="logout"),
    *route("me", CallerViewSet, "me", get="retrieve"),
    *route("me/selfie", SelfieViewSet, "selfie", get="list", post="create"),
    *route("me/selfie/delete", SelfieViewSet, "selfie-delete", post="remove"),
    *route("set_phone", CallerViewSet, "set-phone", post="set_phone"),
    *route("resend_code_sms", CallerViewSet, "resend-code", post="resend_code"),
    *route("confirm_phone", CallerViewSet, "confirm-phone", post="confirm_phone"),
    *route("set_pic_url", CallerViewSet, "set-pic-url", post="set_pic_url"),
    *route("set_fields", CallerViewSet, "set-fields", post="set_fields"),
    *route(
        "users/which_phones_registered",
        CallerViewSet,
        "which-phones",
        get="which_phones_registered",
        post="look_up_phones",
    ),
    *route("delete_me", CallerViewSet, "delete-me", post="delete_me"),
    # The caller's people: ours. Changes before the routes that would take "changes" for an id
    *route("people", PeopleViewSet, "people", get="list"),
    *route("people/changes", PeopleChangesViewSet, "people-changes", get="list"),
    *route("people/changes/<str:change_id>/undo", PeopleChangesViewSet, "people-undo", post="undo"),
    *route("people/<str:person_id>", PeopleViewSet, "person", get="retrieve", post="update"),
    *route("people/<str:person_id>/merge", PeopleViewSet, "person-merge", post="merge"),
    *route("people/<str:person_id>/split", PeopleViewSet, "person-split", post="split"),
    *route("people/<str:person_id>/move", PeopleViewSet, "person-move", post="move"),
    *route("people/<str:person_id>/confirm", PeopleViewSet, "person-confirm", post="confirm"),
    *route("people/<str:person_id>/refuse", PeopleViewSet, "person-refuse", post="refuse"),
    *route("people/<str:person_id>/take_back", PeopleViewSet, "person-take-back", post="take_back"),
    # The algorithm's side: before the routes that would take "algo" for an id
    *both("albums/algo/get_pending", AlbumQueueViewSet, "algo-get-pending", "get_pending"),
    *both("albums/algo/all_pending", AlbumQueueViewSet, "algo-all-pending", "all_pending"),
    *both("albums/algo/set_all_as_pending", AlbumQueueViewSet, "algo-set-all-as-pending", "set_all_as_pending"),
    *both("albums/algo/remove_pending", AlbumQueueViewSet, "algo-remove-pending", "remove_pending"),
    *route("photos/algo/set", AlbumQueueViewSet, "algo-set-photos", post="set_photos"),
    *both("users/algo/pending_model", FaceModelViewSet, "algo-pending-model", "pending"),
    *both("users/algo/model/make_all_pending", FaceModelViewSet, "algo-make-all-pending", "make_all_pending"),
    *route("users/algo/model/get", FaceModelViewSet, "algo-get-model", get="retrieve"),
    *route("users/algo/model/set", FaceModelViewSet, "algo-set-model", post="set"),
    # Albums
    *route("albums/create", AlbumViewSet, "album-create", post="create"),
    *route("albums/mine", AlbumViewSet, "albums-mine", get="mine"),
    *route("albums/<str:album_id>", AlbumViewSet, "album", get="retrieve", post="update"),
    *route("albums/<str:album_id>/set_album_local_id", AlbumViewSet, "album-local-id", post="set_local_id"),
    *route("albums/<str:album_id>/invite_phones", InvitationViewSet, "album-invite-phones", post="invite_phones"),
    *route("albums/<str:album_id>/viewed", AlbumViewSet, "album-viewed", post="viewed"),
    *route("albums/<str:album_id>/done_uploading", AlbumViewSet, "album-done-uploading", post="done_uploading"),
    *route("albums/<str:album_id>/delete", AlbumViewSet, "album-delete", post="trash"),
    *route("invite_page", InvitePageViewSet, "invite-page", get="retrieve"),
    # Photos
    *route("photos", PhotoViewSet, "photos", post="create"),
    *route("photos/<str:photo_id>", PhotoViewSet, "photo", get="retrieve"),
    *route("photos/<str:photo_id>/set_filter", PhotoViewSet, "photo-set-filter", post="set_filter"),
    *route("photos/<str:photo_id>/set_photo_local_id", PhotoViewSet, "photo-local-id", post="set_local_id"),
    *route("photos/<str:photo_id>/set_faces_data", PhotoViewSet, "photo-faces-data", post="set_faces_data"),
    *route("photos/<str:photo_id>/delete", PhotoViewSet, "photo-delete", post="trash"),
]
