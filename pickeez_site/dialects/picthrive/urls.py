"""The document's routes, in its order, then those that its objects point to.

Paths are as documented; clients that write them in lower case, or leave `/v1` away, are understood, too.
"""

from django.urls import URLPattern
from rest_framework.viewsets import ViewSet

from pickeez_site.dialects.picthrive.groups import GroupPhotoViewSet, GroupViewSet
from pickeez_site.dialects.picthrive.photos import PhotoViewSet, RegionViewSet
from pickeez_site.dialects.picthrive.zips import ZipViewSet
from pickeez_site.dialects.routing import route, unknown_below


def documented(pattern: str, viewset: type[ViewSet], name: str, **actions: str) -> list[URLPattern]:
    others = [pattern.lower(), pattern.removeprefix("v1/"), pattern.removeprefix("v1/").lower()]
    patterns = route(pattern, viewset, f"picthrive-{name}", **actions)
    return patterns + [url for other in others for url in route(other, viewset, "", **actions)]


urlpatterns = [
    *documented("v1/Photo/<str:photo_id>", PhotoViewSet, "photo", get="retrieve", delete="trash", put="change"),
    *documented("v1/Group", GroupViewSet, "groups", get="mine", post="create"),
    *documented("v1/Group/<str:group_id>", GroupViewSet, "group", get="retrieve", put="update", delete="trash"),
    *documented("v1/Group/<str:group_id>/Photo", GroupPhotoViewSet, "group-photos", get="list", post="add"),
    *documented("v1/Group/<str:group_id>/UploadStatus", GroupViewSet, "upload-status", put="upload_status"),
    *documented("v1/Group/<str:group_id>/Zip", ZipViewSet, "zips", post="create"),
    *documented("v1/Zip/<str:zip_id>", ZipViewSet, "zip", get="status"),
    *documented("v1/Region", RegionViewSet, "regions", get="list"),
    *unknown_below("v1", RegionViewSet),
]
