"""The routes of `urls.py` as OpenAPI. What is not here comes from the dialect's own words and limits."""

from pickeez_site.dialects.openapi.describe import TOKEN, TOKEN_PARAMETER, Description, Schema
from pickeez_site.dialects.pictopy.schema.albums import ALBUMS
from pickeez_site.dialects.pictopy.schema.components import COMPONENTS
from pickeez_site.dialects.pictopy.schema.errors import ERRORS
from pickeez_site.dialects.pictopy.schema.images import IMAGES
from pickeez_site.dialects.pictopy.schema.tags import TAGS

# None at all: from this machine, when the operator has set `LOCAL_LIBRARY_USER`.
SECURITY: list[Schema] = [{"token": []}, {"tokenParameter": []}, {}]

DESCRIPTION = Description(
    title="PictoPy",
    description="A desktop gallery: folders of pictures on the server's disk, albums by name, what and who is on "
    "the pictures. A token says whose library it is (also as the member `token` of a body). Programs on the "
    "server's own machine need none where the operator has set `LOCAL_LIBRARY_USER`.",
    security_schemes={"token": TOKEN, "tokenParameter": TOKEN_PARAMETER},
    security=SECURITY,
    components=COMPONENTS,
    errors=ERRORS,
    always=(400, 401, 503),
    operations={**ALBUMS, **IMAGES, **TAGS},
)
