"""The errors, and who must be known to whom."""

from pickeez_site.dialects.openapi.describe import (
    API_KEYS,
    OPEN,
    TOKEN,
    TOKEN_PARAMETER,
    Schema,
    answer,
    record,
    ref,
    text,
)
from pickeez_site.dialects.pickeez.authentication import NO_USER

RETRY_AFTER: Schema = {"Retry-After": {"schema": text("Seconds.", pattern="^[0-9]+$"), "required": True}}


def error(description: str, example: str, *, headers: Schema | None = None) -> Schema:
    return answer(description, ref("Error"), headers=headers, example={"msg": example})


ERRORS = {
    400: error("A parameter is missing or not what the route takes.", "Missing parameter: phone"),
    401: error("No token or password, or a wrong one.", NO_USER),
    403: error("Seen, but not the caller's to change.", "Only the album's owner may do this."),
    404: error("Unknown, or nothing that the caller may see.", "Not found."),
    413: error("The body is too large.", "The body is too large."),
    415: error("The body is neither JSON nor a form.", 'Unsupported media type "text/plain" in request.'),
    429: error("Too often within an hour.", "Too many requests. Please wait.", headers=RETRY_AFTER),
    503: error(
        "The database, the storage, Facebook or the SMS gateway is away.",
        "The database is away. Please try again later.",
    ),
}
READING = (400, 401)
WRITING = (400, 401, 413, 415)

SECURITY_SCHEMES: dict[str, Schema] = {
    "token": TOKEN,
    "tokenParameter": TOKEN_PARAMETER,
    "passwordParameter": {
        "type": "apiKey",
        "in": "query",
        "name": "password",
        "description": "The algorithm's password (`ALGO_PASSWORD`): in the query string, a form or a JSON body.",
    },
    "passwordHeader": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Algo-Password",
        "description": "The same password.",
    },
    **API_KEYS,
}
A_TOKEN: list[dict[str, list[str]]] = [{"token": []}, {"tokenParameter": []}]
A_TOKEN_OR_NONE = [{}, *A_TOKEN]
THE_PASSWORD: list[dict[str, list[str]]] = [{"passwordParameter": []}, {"passwordHeader": []}]
WITH_APP_KEY: list[dict[str, list[str]]] = [
    *A_TOKEN,
    {"token": [], "apiKey": []},
    {"token": [], "xApiKey": []},
    {"tokenParameter": [], "authorizationApiKey": []},
]
NOT_NEEDED = OPEN  # a token is not even looked at

ERROR = record({"msg": text("What is wrong, in words.")})
