"""The document's routes, in its order."""

from pickeez_site.dialects.base import route
from pickeez_site.dialects.pickeez.albums import AlbumViewSet
from pickeez_site.dialects.pickeez.people import MeViewSet, PhoneViewSet, SelfieViewSet, SignInViewSet
from pickeez_site.dialects.pickeez.photos import PhotoViewSet
from pickeez_site.dialects.pickeez.service import PingViewSet

urlpatterns = [
    # People
    *route("ping", PingViewSet, "ping", get="ping"),
    *route("login/phone", SignInViewSet, "login-phone", post="send_code"),
    *route("login/phone/confirm", SignInViewSet, "login-phone-confirm", post="confirm"),
    *route("logout", MeViewSet, "logout", post="logout"),
    *route("me", MeViewSet, "me", get="retrieve"),
    *route("me/selfie", SelfieViewSet, "selfie", get="list", post="create"),
    *route("me/selfie/delete", SelfieViewSet, "selfie-delete", post="delete"),
    *route("set_phone", PhoneViewSet, "set-phone", post="set_phone"),
    *route("resend_code_sms", PhoneViewSet, "resend-code", post="resend_code"),
    *route("confirm_phone", PhoneViewSet, "confirm-phone", post="confirm"),
    # Albums
    *route("albums/create", AlbumViewSet, "album-create", post="create"),
    *route("albums/mine", AlbumViewSet, "albums-mine", get="mine"),
    *route("albums/<str:album_id>", AlbumViewSet, "album", get="retrieve"),
    *route("albums/<str:album_id>/invite_phones", AlbumViewSet, "album-invite-phones", post="invite_phones"),
    *route("albums/<str:album_id>/done_uploading", AlbumViewSet, "album-done-uploading", post="done_uploading"),
    # Photos
    *route("photos", PhotoViewSet, "photos", post="create"),
    *route("photos/<str:photo_id>", PhotoViewSet, "photo", get="retrieve"),
]
