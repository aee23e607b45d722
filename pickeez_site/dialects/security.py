"""The security schemes that several dialects share. One name means the same in all of them."""

from pickeez_site.dialects.dialect import Alternatives, Schema

OPEN: Alternatives = ()  # no credential is needed
TOKEN: Schema = {"type": "http", "scheme": "bearer", "description": "A user's token."}


def secret(where: str, name: str, description: str) -> Schema:
    """A scheme of a secret in the `query` or in a `header`."""
    return {"type": "apiKey", "in": where, "name": name, "description": description}


TOKEN_PARAMETER = secret("query", "token", "The same token.")
# An app's key, in either of three places.
API_KEYS = {
    "apiKey": secret("header", "api_key", "An app's key."),
    "xApiKey": secret("header", "X-Api-Key", "The same key."),
    "authorizationApiKey": secret("header", "Authorization", "The same key after the word `Api-Key` and a space."),
}
