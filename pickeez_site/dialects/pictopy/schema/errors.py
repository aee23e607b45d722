"""Every error that a route may answer, in the failure's envelope."""

from pickeez_site.dialects.openapi.describe import Schema, answer, ref
from pickeez_site.dialects.pictopy.errors import envelope, failure


def refused(description: str, **examples: Schema) -> Schema:
    return answer(description, ref("Failure"), **examples)


BAD_PAYLOAD = "The request lacks something or has it in another form."

ERRORS = {
    400: refused(
        "Something is missing or of another form, the body is no JSON object, or a file may not be imported.",
        missing=failure(400, "Missing 'name' in payload", BAD_PAYLOAD),
        invalid=failure(400, "Invalid 'paths' format", BAD_PAYLOAD),
        path=failure(400, "Invalid file path", "There is nothing at this path that may be imported."),
        type=failure(400, "Invalid file type", "The file is no picture of a type that is taken."),
    ),
    401: refused(
        "No token, or a wrong one; without one, the call is not from this machine or no user is set for it.",
        example=envelope("Please send a token.", 401),
    ),
    404: refused(
        "The caller has no album of that name, or no image of that path.",
        album=failure(404, "Album not found", "There is no album with this name."),
        image=failure(404, "Image not found", "There is no image with this path."),
    ),
    409: refused(
        "The caller has an album of that name.",
        example=failure(409, "Album name already in use", "There is an album with this name already."),
    ),
    413: refused("The body is too large.", example=failure(413, "Payload too large", "The body is too large.")),
    503: refused(
        "The database or the storage is away.",
        example=failure(503, "Database unavailable", "The database is away. Please try again later."),
    ),
}
OF_A_BODY = (413,)
