"""The credentials: a user's token, or a group's for its public view."""

from pickeez_site.dialects.openapi.describe import TOKEN, Schema

SECURITY: list[Schema] = [{"token": []}]
PUBLIC_VIEW: list[Schema] = [*SECURITY, {"groupToken": []}]
SECURITY_SCHEMES = {
    "token": TOKEN,
    "groupToken": {
        "type": "apiKey",
        "in": "query",
        "name": "Token",
        "description": "A group's Token, which opens its public view to whoever has it. A wrong one is 404.",
    },
}
