"""The document's routes, in its order. Ids in paths may hold slashes, so each path ends in one piece."""

from django.urls import register_converter
from django.urls.converters import PathConverter

from pickeez_site.dialects.pixoneye.devices import ConsentViewSet, DeviceViewSet
from pickeez_site.dialects.pixoneye.profiles import ProfileViewSet
from pickeez_site.dialects.routing import route, unknown_below


class RestConverter(PathConverter):
    """All that is left of a path, line breaks too: the view says what is wrong with them."""

    regex = "(?s:.+)"


register_converter(RestConverter, "rest")
V1 = "v1/users"

urlpatterns = [
    *route(f"{V1}/profiles-by-device-ids", ProfileViewSet, "profiles-by-device-ids", post="by_device_ids"),
    *route(f"{V1}/profile-by-app-user-id/<rest:ids>", ProfileViewSet, "profile-by-app-user-id", get="of_app_user"),
    *route(f"{V1}/scanned-images-by-device-id/<rest:ids>", DeviceViewSet, "scanned-images", get="count_scanned"),
    *route(f"{V1}/delete-user-data-by-owner-id/<rest:ids>", DeviceViewSet, "erase-by-owner", delete="erase_all"),
    *route(f"{V1}/delete-user-data-by-app-id/<rest:ids>", DeviceViewSet, "erase-by-app", delete="erase"),
    *route(f"{V1}/post-profile", ProfileViewSet, "post-profile", post="merge"),
    # Ours: nothing is derived from photos without it
    *route(f"{V1}/consent", ConsentViewSet, "consent", post="set"),
    *unknown_below(V1, ConsentViewSet),
]
