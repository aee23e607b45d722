"""The routes of `urls.py` as OpenAPI, a file for each section. Limits and words come from the domain's own."""

from pickeez_site.dialects.openapi.describe import Description
from pickeez_site.dialects.picthrive.schema import errors, group_photos, groups, photos, shared, zips
from pickeez_site.dialects.picthrive.schema.security import SECURITY, SECURITY_SCHEMES

SECTIONS = (photos, groups, group_photos, zips)

DESCRIPTION = Description(
    title="PicThrive",
    description="Sized, watermarked and addressable pictures for photographers' shops and their integrations. A "
    "group is an album. A body is one JSON object, whatever type it is declared to be; members that are not known "
    'are ignored. Every failure is `{"Error": …}`.',
    security_schemes=SECURITY_SCHEMES,
    security=SECURITY,
    components=shared.COMPONENTS
    | errors.COMPONENTS
    | photos.COMPONENTS
    | groups.COMPONENTS
    | group_photos.COMPONENTS
    | zips.COMPONENTS,
    errors=errors.ERRORS,
    always=(400, 401, 503),
    operations={key: one for part in SECTIONS for key, one in part.OPERATIONS.items()},
    paths={"picthrive-groups": "/v1/Group/", "picthrive-regions": "/v1/Region/"},
)
