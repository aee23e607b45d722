"""The document's routes, in its order. Ids in paths may hold slashes, so each path ends in one piece."""

from django.urls import register_converter
from django.urls.converters import PathConverter

from pickeez_site.dialects.pixoneye.devices import ConsentViewSet, ScannedImageViewSet, UserDataViewSet
from pickeez_site.dialects.pixoneye.profiles import ProfileViewSet
from pickeez_site.dialects.routing import route

BY_APP_USER = "v1/users/profile-by-app-user-id"
SCANNED = "v1/users/scanned-images-by-device-id"
OF_OWNER, OF_APP = "v1/users/delete-user-data-by-owner-id", "v1/users/delete-user-data-by-app-id"


class RestConverter(PathConverter):
    """All that is left of a path, line breaks too: the view says what is wrong with them."""

    regex = "(?s:.+)"


register_converter(RestConverter, "rest")

urlpatterns = [
    *route("v1/users/profiles-by-device-ids", ProfileViewSet, "profiles-by-device-ids", post="by_device_ids"),
    *route(f"{BY_APP_USER}/<rest:ids>", ProfileViewSet, "profile-by-app-user-id", get="by_app_user_id"),
    *route(f"{SCANNED}/<rest:ids>", ScannedImageViewSet, "scanned-images", get="count"),
    *route(f"{OF_OWNER}/<rest:ids>", UserDataViewSet, "erase-by-owner", delete="erase_by_owner"),
    *route(f"{OF_APP}/<rest:ids>", UserDataViewSet, "erase-by-app", delete="erase_by_app"),
    *route("v1/users/post-profile", ProfileViewSet, "post-profile", post="merge"),
    # Ours: nothing is derived from photos without it
    *route("v1/users/consent", ConsentViewSet, "consent", post="set"),
]
