"""The envelope of every failure, with the words of `errors.py`."""

from pickeez_site.dialects.openapi.describe import Schema, answer, record, ref, text

NOT_FOUND = "Not found."


def error(description: str, example: str) -> Schema:
    return answer(description, ref("Error"), example={"Error": example})


ERRORS = {
    400: error("A member, or the body, is not what it may be.", "AddPhotos must be a whole number from 1 to 100."),
    401: error("No token where one is needed, or a wrong one.", "Invalid token."),
    403: error(
        "The caller sees it, but may not change it.", "Only the photo's or the group's owner may delete it."
    ),
    404: error("Unknown, deleted, or not the caller's to see.", NOT_FOUND),
    409: error(
        "To move: the photo, or one of the same file, is there already. To copy: it is still being processed.",
        "The photo is still being processed.",
    ),
    413: error("The body is too large.", "The body is too large."),
    503: error("The database or the storage is away.", "The database is away. Please try again later."),
}
COMPONENTS = {"Error": record({"Error": text("What is wrong, in plain words.", minLength=1)})}
OF_A_BODY = (404, 413)
