"""A client for Facebook's Graph API (https://developers.facebook.com/docs/graph-api).

Its tokens are sent in query strings, so errors here have no cause attached: a cause would contain the called URL.
"""

import hashlib
import hmac
import io
import logging
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
from django.conf import settings

from core.deadlines import Deadline, DialAdapter, connect, read_body, resolve

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 2, 3, 9
MAX_ANSWER_BYTES = 4 * 1024 * 1024
# The OAuth client accepts only https. It gets this address, and the adapter calls the configured one instead.
_CLIENT_URL = "https://graph.facebook.com"
_OWN_PARAMETERS = frozenset({"access_token", "appsecret_proof"})
# https://developers.facebook.com/docs/graph-api/guides/error-handling: temporary errors and rate limits;
# tokens that are expired, revoked or wrong.
_TEMPORARY = frozenset({2, 4, 17, 32, 341, 613})
_DEAD_TOKEN = frozenset({102, 190})

# At DEBUG these log codes, tokens and the app's secret, so their level does not follow the operator's setting.
for _name in ("oauthlib", "requests_oauthlib", "urllib3"):
    logging.getLogger(_name).setLevel(logging.INFO)
# At WARNING this logs the whole URL of a response with malformed headers.
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)


class FacebookRefused(Exception):
    """Facebook does not confirm who this user is, or our checks of its answer fail. The text is for clients."""


class GraphUnavailable(Exception):
    """The Graph API is unreachable, or not set up on this server. The text is for clients."""


class GraphRefused(Exception):
    """The Graph API refused a call. `token_is_dead` is true when the user's token is no longer valid."""

    def __init__(self, *, token_is_dead: bool) -> None:
        super().__init__("The Graph refused.")
        self.token_is_dead = token_is_dead


def require_app() -> None:
    """Raises `GraphUnavailable` when the server has no Facebook app."""
    if not (settings.FACEBOOK_APP_ID and settings.FACEBOOK_APP_SECRET):
        raise GraphUnavailable("Facebook sign-in is not set up on this server.")


class Graph:
    """A session with the Graph API that lasts at most 9 seconds; with an access token it acts for that user.

    A context manager. Its methods raise `GraphUnavailable` and `GraphRefused`.
    """

    def __init__(self, access_token: str = "") -> None:
        from oauthlib.oauth2 import WebApplicationClient
        from requests_oauthlib import OAuth2Session

        require_app()
        self._deadline = Deadline(TOTAL_SECONDS)
        client = WebApplicationClient(settings.FACEBOOK_APP_ID, default_token_placement="query")  # noqa: S106
        self._session = OAuth2Session(client=client)
        self._session.adapters.clear()
        self._session.mount(_CLIENT_URL, _GraphAdapter(self._deadline))
        self.use_token(access_token)

    def __enter__(self) -> Self:
        self._deadline.__enter__()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._session.close()
        self._deadline.__exit__()

    def use_token(self, access_token: str) -> None:
        """Makes the next calls act for the token's user."""
        self._token = access_token
        self._session.token = {"access_token": access_token, "token_type": "Bearer"}

    def exchange(self, code: str, redirect_uri: str) -> str:
        """Exchanges an authorization code for the user's access token."""
        from oauthlib.oauth2 import OAuth2Error

        def check(response: requests.Response) -> requests.Response:
            _read_object(response)
            return response

        self._session.redirect_uri = redirect_uri
        self._session.register_compliance_hook("access_token_response", check)
        try:
            with _connection_errors_as_unavailable():
                token = self._session.fetch_token(
                    _client_url("/oauth/access_token"),
                    code=code,
                    client_secret=settings.FACEBOOK_APP_SECRET,
                    include_client_id=True,
                    timeout=(CONNECT_SECONDS, READ_SECONDS),
                ).get("access_token")
        except OAuth2Error:
            raise GraphRefused(token_is_dead=True) from None
        except (TypeError, ValueError):  # the client accepts any JSON as a token
            raise _unavailable() from None
        if not isinstance(token, str):
            raise GraphRefused(token_is_dead=True)
        return token

    def debug_token(self, token: str) -> dict[str, object]:
        """Returns the facts about a token (https://developers.facebook.com/docs/graph-api/reference/debug_token)."""
        app_token = f"{settings.FACEBOOK_APP_ID}|{settings.FACEBOOK_APP_SECRET}"
        params = {"input_token": token, "access_token": app_token}
        data = self._get(f"{_client_url('/debug_token')}?{urlencode(params)}", withhold_token=True).get("data")
        return data if isinstance(data, dict) else {}

    def get(self, path: str, params: Mapping[str, object]) -> dict[str, object]:
        """Returns the object at a path such as `/me`."""
        return self._get(_client_url(path, [(name, str(value)) for name, value in params.items()] + self._proof()))

    def pages(self, path: str, params: Mapping[str, object], *, max_pages: int) -> Iterator[dict[str, object]]:
        """Yields the objects of a list, page by page. Does not read pages on other hosts than the Graph API's."""
        page = self.get(path, params)
        for _ in range(max_pages - 1):
            yield from objects_in(page.get("data"))
            paging = page.get("paging")
            url = self._next_url(paging.get("next") if isinstance(paging, dict) else None)
            if url is None:
                return
            page = self._get(url)
        yield from objects_in(page.get("data"))

    def _next_url(self, url: object) -> str | None:
        """Returns the URL of the next page with our own token; None when it is not on the Graph API's host."""
        try:
            parts = urlsplit(url if isinstance(url, str) else "")
        except ValueError:
            return None
        own = urlsplit(settings.FACEBOOK_GRAPH_URL)
        if (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
            return None
        query = [(name, value) for name, value in parse_qsl(parts.query) if name not in _OWN_PARAMETERS]
        return f"{_CLIENT_URL}{parts.path}?{urlencode(query + self._proof())}"

    def _proof(self) -> list[tuple[str, str]]:
        """Proves that our app uses the token (https://developers.facebook.com/docs/graph-api/guides/secure-requests)."""
        key, token = settings.FACEBOOK_APP_SECRET.encode(), self._token.encode()
        return [("appsecret_proof", hmac.new(key, token, hashlib.sha256).hexdigest())]

    def _get(self, url: str, **options: bool) -> dict[str, object]:
        with _connection_errors_as_unavailable():
            return _read_object(self._session.get(url, timeout=(CONNECT_SECONDS, READ_SECONDS), **options))


class _GraphAdapter(DialAdapter):
    """Calls the configured Graph API; refuses redirects, and responses that are too long or too late."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__(self._connect)
        self._deadline = deadline
        self._base = urlsplit(settings.FACEBOOK_GRAPH_URL)

    def _connect(self, host: str, port: int, timeout: float) -> socket.socket:
        addresses = self._deadline.run(lambda: resolve(host, port))
        return connect(addresses, port, timeout=timeout, deadline=self._deadline)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        self._deadline.remaining()
        request.url = urlunsplit((self._base.scheme, self._base.netloc, request.path_url, "", ""))
        if self._base.netloc != urlsplit(_CLIENT_URL).netloc:
            proxies = None  # they were chosen for the original host
        streamed = super().send(request, True, timeout, verify, cert, proxies)
        body = read_body(streamed, max_bytes=MAX_ANSWER_BYTES, deadline=self._deadline)
        streamed.close()
        if body is None or streamed.is_redirect:
            raise _unavailable()
        response = requests.Response()
        response.status_code, response.url, response.request = streamed.status_code, streamed.url, streamed.request
        response.encoding, response.raw = "utf-8", io.BytesIO(body)
        return response


def _client_url(path: str, query: list[tuple[str, str]] | None = None) -> str:
    prefix = urlsplit(settings.FACEBOOK_GRAPH_URL).path
    return f"{_CLIENT_URL}{prefix}{path}" + (f"?{urlencode(query)}" if query else "")


def objects_in(value: object) -> list[dict[str, object]]:
    """Returns the JSON objects in a list; none when the value is not a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _unavailable() -> GraphUnavailable:
    return GraphUnavailable("Facebook is away. Please try again later.")


@contextmanager
def _connection_errors_as_unavailable() -> Iterator[None]:
    try:
        yield
    except (requests.RequestException, OSError):
        raise _unavailable() from None


def _read_object(response: requests.Response) -> dict[str, object]:
    """Returns the response's JSON object. Raises `GraphRefused`, and `GraphUnavailable` for temporary errors."""
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        raise _unavailable() from None
    status = response.status_code
    if not isinstance(answer, dict) or status >= 500 or status == 429:
        raise _unavailable()
    error = answer.get("error")
    if status == 200 and not error:
        return answer
    details = error if isinstance(error, dict) else {}
    if details.get("is_transient") is True or details.get("code") in _TEMPORARY:
        raise _unavailable()
    raise GraphRefused(token_is_dead=status == 401 or details.get("code") in _DEAD_TOKEN)
