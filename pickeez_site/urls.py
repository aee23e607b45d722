"""All URLs of this server. Each dialect is one line; without its line, the dialect is gone.

`/healthz`, `/readyz` and `/metrics` are not here: a middleware answers them (`operations/observing/probes.py`).
"""

from django.contrib import admin
from django.urls import include, path, re_path

from pickeez_site import pages
from pickeez_site.dialects.openapi.views import SchemaView
from pickeez_site.gallery.views.invitation import InvitationView
from pickeez_site.gallery.views.open_link import OpenLinkView
from pickeez_site.serving import errors
from pickeez_site.serving.media import serve_media
from pickeez_site.serving.uploads import receive_upload

urlpatterns = [
    path("admin/", admin.site.urls),
    re_path(
        r"^media/(?P<owner_id>[0-9a-f-]{36})/(?P<kind>[a-z_]+)/(?P<expires>\d{1,12})-(?P<signature>[\w-]{24})\.\w+$",
        serve_media,
        name="media",
    ),
    re_path(r"^i(?:/(?P<token>.*))?$", InvitationView.as_view(), name="invitation"),
    re_path(r"^o(?:/(?P<token>.*))?$", OpenLinkView.as_view(), name="open-link"),
    path("gallery/", include("pickeez_site.gallery.urls")),
    path("uploads/<str:signed>", receive_upload, name="upload"),
    path("api/", pages.apis, name="apis"),
    path("api/docs/", pages.swagger_ui, name="docs"),
    path("api/redoc/", pages.redoc, name="redoc"),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/schema/<str:dialect>/", SchemaView.as_view(), name="schema-of"),
    path(
        "", include("pickeez_site.dialects.pictopy.urls")
    ),  # first: Pickeez would read the words after albums/ as ids
    path("", include("pickeez_site.dialects.pickeez.urls")),
    path("", include("pickeez_site.dialects.pixoneye.urls")),
    path("", include("pickeez_site.dialects.picthrive.urls")),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
