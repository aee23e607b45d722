"""The security schemes that several dialects share. One name means the same in all of them."""

from pickeez_site.dialects.dialect import Alternatives, Schema

OPEN: Alternatives = ()  # no credential is needed
TOKEN: Schema = {"type": "http", "scheme": "bearer", "description": "A user's token."}
TOKEN_PARAMETER: Schema = {"type": "apiKey", "in": "query", "name": "token", "description": "The same token."}
# An app's key, in either of three places.
API_KEYS: dict[str, Schema] = {
    "apiKey": {"type": "apiKey", "in": "header", "name": "api_key", "description": "An app's key."},
    "xApiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "The same key."},
    "authorizationApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "The same key after the word `Api-Key` and a space.",
    },
}
