"""The operator's provider of OpenID Connect, spoken to by Authlib: state, nonce and PKCE are its work.

OpenID Connect Core 1.0, the authorization code flow, with the checks of RFC 9700.
"""

from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse

SCOPE = "openid email profile"
# Signatures by keys that only the provider has. Not "none", and not by the secret that this server has, too.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
MAX_SUBJECT = 255  # OpenID Connect Core 1.0, section 2
CLOCK_TOLERANCE = 60  # seconds


class ProviderUnavailable(Exception):
    """The provider cannot be reached, or does not answer as one."""


class NotIdentified(Exception):
    """The provider, or who came back from it, does not prove who somebody is. The text is for logs."""


class Identity(NamedTuple):
    """Who somebody is at the provider; the address only if the provider has verified it."""

    issuer: str
    subject: str
    verified_email: str
    name: str


def start(request: HttpRequest, *, redirect_uri: str) -> HttpResponse:
    """Sends the browser to the provider, which sends it back to `redirect_uri`. Raises `ProviderUnavailable`."""
    from requests import RequestException

    client = _configured_client()
    try:
        _check_metadata(client)
        response: HttpResponse = client.authorize_redirect(request, redirect_uri)
    except (RequestException, RuntimeError) as error:
        raise ProviderUnavailable(type(error).__name__) from error
    return response


def finish(request: HttpRequest) -> Identity:
    """Returns who came back from the provider. Raises `ProviderUnavailable` and `NotIdentified`."""
    from authlib.integrations.base_client import OAuthError
    from joserfc.errors import JoseError
    from requests import RequestException

    client = _configured_client()
    try:
        metadata = _check_metadata(client)
        options = {
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
        }
        token = client.authorize_access_token(request, claims_options=options, leeway=CLOCK_TOLERANCE)
        claims = _claims(client, token)
    except (OAuthError, JoseError) as error:
        raise NotIdentified(type(error).__name__) from error
    except (RequestException, RuntimeError) as error:
        raise ProviderUnavailable(type(error).__name__) from error
    return _identity(claims, metadata["issuer"])


def _configured_client() -> Any:
    return _client(settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)


@cache
def _client(issuer: str, client_id: str, client_secret: str) -> Any:
    """Returns one client per process: it keeps the provider's description and keys."""
    from authlib.integrations.django_client import OAuth

    return OAuth().register(
        "provider",
        client_id=client_id,
        client_secret=client_secret or None,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": SCOPE,
            "code_challenge_method": "S256",
            "default_timeout": settings.MESSAGE_TIMEOUT_SECONDS,
        },
    )


def _check_metadata(client: Any) -> dict[str, Any]:
    """Returns the provider's description. Raises `ProviderUnavailable` when it is another's or lacks something."""
    metadata: dict[str, Any] = client.load_server_metadata()
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in ALGORITHMS]
    if str(metadata.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER:
        raise ProviderUnavailable("Its description has another issuer.")
    return metadata


def _claims(client: Any, token: dict[str, Any]) -> dict[str, Any]:
    """Returns what the provider says of somebody, in the signed token or, of the same subject, when asked."""
    claims = dict(token.get("userinfo") or {})
    if claims and "email" not in claims and "userinfo_endpoint" in client.server_metadata:
        more = dict(client.userinfo(token=token))
        if more.get("sub") == claims.get("sub"):
            claims = {**more, **claims}
    return claims


def _identity(claims: dict[str, Any], issuer: str) -> Identity:
    subject, email = claims.get("sub"), claims.get("email")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
        raise NotIdentified("There is no subject.")
    # Some providers write the truth value as a string.
    is_verified = claims.get("email_verified") in (True, "true") and isinstance(email, str)
    name = claims.get("name")
    return Identity(
        issuer=issuer,
        subject=subject,
        verified_email=str(email) if is_verified else "",
        name=name if isinstance(name, str) else "",
    )
