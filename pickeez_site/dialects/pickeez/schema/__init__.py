"""The routes of `urls.py` as OpenAPI, one file for each section of the document."""

from pickeez_site.dialects.openapi.describe import Description
from pickeez_site.dialects.pickeez.schema import albums, algorithm, people, photos, service
from pickeez_site.dialects.pickeez.schema.components import COMPONENTS
from pickeez_site.dialects.pickeez.schema.errors import A_TOKEN, ERRORS, SECURITY_SCHEMES

DESCRIPTION = Description(
    title="Pickeez",
    description="Albums shared by phone number, for a mobile app, and for an algorithm that says who is on them. "
    "Every parameter of a body may be in the query string instead, as the document writes it "
    "(`POST /set_phone?phone=4567`); the body goes before the query. Lists are `phones[]=1&phones[]=2` or a "
    "JSON array `phones`. Parameters that a route does not know are ignored.",
    security_schemes=SECURITY_SCHEMES,
    security=A_TOKEN,
    components={**COMPONENTS, **algorithm.COMPONENTS},
    errors=ERRORS,
    always=(503,),
    operations={
        **service.OPERATIONS,
        **people.OPERATIONS,
        **algorithm.OPERATIONS,
        **albums.OPERATIONS,
        **photos.OPERATIONS,
    },
    paths={"photos": "/photos/"},
)
