"""Everything that this server answers. Each dialect is one line; deleting it deletes the dialect."""

from django.contrib import admin
from django.urls import include, path, re_path

from pickeez_site import errors
from pickeez_site.media import serve_media

urlpatterns = [
    path("admin/", admin.site.urls),
    re_path(
        r"^media/(?P<owner_id>[0-9a-f-]{36})/(?P<kind>[a-z_]+)/(?P<expires>\d{1,12})-(?P<signature>[\w-]{24})\.\w+$",
        serve_media,
        name="media",
    ),
    path("", include("pickeez_site.dialects.pickeez.urls")),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
