"""The document's routes, in its order. Ids in paths may hold slashes, so each path ends in one piece."""

from django.urls import register_converter
from django.urls.converters import PathConverter

from pickeez_site.dialects.pixoneye.devices import ConsentViewSet, ScannedImageViewSet, UserDataViewSet
from pickeez_site.dialects.pixoneye.profiles import ProfileViewSet
from pickeez_site.dialects.routing import route

USERS = "v1/users"


class RestConverter(PathConverter):
    """All that is left of a path, line breaks too: the view says what is wrong with them."""

    regex = "(?s:.+)"


register_converter(RestConverter, "rest")

urlpatterns = [
    *route(f"{USERS}/profiles-by-device-ids", ProfileViewSet, "profiles-by-device-ids", post="by_device_ids"),
    *route(
        f"{USERS}/profile-by-app-user-id/<rest:ids>",
        ProfileViewSet,
        "profile-by-app-user-id",
        get="by_app_user_id",
    ),
    *route(f"{USERS}/scanned-images-by-device-id/<rest:ids>", ScannedImageViewSet, "scanned-images", get="count"),
    *route(
        f"{USERS}/delete-user-data-by-owner-id/<rest:ids>",
        UserDataViewSet,
        "erase-by-owner",
        delete="erase_by_owner",
    ),
    *route(
        f"{USERS}/delete-user-data-by-app-id/<rest:ids>", UserDataViewSet, "erase-by-app", delete="erase_by_app"
    ),
    *route(f"{USERS}/post-profile", ProfileViewSet, "post-profile", post="merge"),
    # Ours: nothing is derived from photos without it
    *route(f"{USERS}/consent", ConsentViewSet, "consent", post="set"),
]
