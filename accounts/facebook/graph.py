"""Facebook's Graph API, read with an OAuth client (https://developers.facebook.com/docs/graph-api).

Its tokens travel in query strings, so no error here keeps its cause: those name the URL that was called.
"""

import hashlib
import hmac
import io
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
from django.conf import settings

from core.deadlines import Deadline, DialAdapter, connect, read_body, resolve

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 2, 3, 9
MAX_ANSWER_BYTES = 4 * 1024 * 1024
# The OAuth client speaks to https only. It is given this address, and the adapter calls the configured one.
_NOMINAL = "https://graph.facebook.com"
_ADDED = frozenset({"access_token", "appsecret_proof"})
# https://developers.facebook.com/docs/graph-api/guides/error-handling: temporary trouble, and calls that
# exceed a limit; tokens that are expired, revoked or wrong.
_TEMPORARY = frozenset({2, 4, 17, 32, 341, 613})
_DEAD_TOKEN = frozenset({102, 190})

# What they log at DEBUG holds codes, tokens and the app's secret, whatever level an operator sets for the rest.
for _name in ("oauthlib", "requests_oauthlib", "urllib3"):
    logging.getLogger(_name).setLevel(logging.INFO)
# At WARNING it writes down the whole URL of an answer with malformed headers.
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)


class FacebookRefused(Exception):
    """Facebook, or what we check of its answer, does not vouch for this user. The text is meant for clients."""


class GraphUnavailable(Exception):
    """The Graph cannot be asked now, or it is not set up here. The text is meant for clients."""


class GraphRefused(Exception):
    """The Graph's own no to one call. `token_is_dead`: the user's token will never be good again."""

    def __init__(self, *, token_is_dead: bool) -> None:
        super().__init__("The Graph refused.")
        self.token_is_dead = token_is_dead


def require_app() -> None:
    """Raises `GraphUnavailable` when the server has no Facebook app."""
    if not (settings.FACEBOOK_APP_ID and settings.FACEBOOK_APP_SECRET):
        raise GraphUnavailable("Facebook sign-in is not set up on this server.")


class Graph:
    """A conversation with the Graph that is over in 9 seconds, in the name of a user once it has their token.

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
        self._session.mount(_NOMINAL, _GraphAdapter(self._deadline))
        self.speak_for(access_token)

    def __enter__(self) -> Self:
        self._deadline.__enter__()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._session.close()
        self._deadline.__exit__()

    def speak_for(self, access_token: str) -> None:
        """Makes the next calls in the name of the token's user."""
        self._token = access_token
        self._session.token = {"access_token": access_token, "token_type": "Bearer"}

    def exchange(self, code: str, redirect_uri: str) -> str:
        """The user's access token for an authorization code."""
        from oauthlib.oauth2 import OAuth2Error

        self._session.redirect_uri = redirect_uri
        self._session.register_compliance_hook("access_token_response", _checked)
        try:
            with _reaching():
                token = self._session.fetch_token(
                    _nominal("/oauth/access_token"),
                    code=code,
                    client_secret=settings.FACEBOOK_APP_SECRET,
                    include_client_id=True,
                    timeout=(CONNECT_SECONDS, READ_SECONDS),
                ).get("access_token")
        except OAuth2Error:
            raise GraphRefused(token_is_dead=True) from None
        except (TypeError, ValueError):  # the client takes any JSON for a token
            raise _away() from None
        if not isinstance(token, str):
            raise GraphRefused(token_is_dead=True)
        return token

    def debug_token(self, token: str) -> dict[str, Any]:
        """What Facebook knows of a user's token (https://developers.facebook.com/docs/graph-api/reference/debug_token)."""
        app_token = f"{settings.FACEBOOK_APP_ID}|{settings.FACEBOOK_APP_SECRET}"
        params = {"input_token": token, "access_token": app_token}
        data = self._get(f"{_nominal('/debug_token')}?{urlencode(params)}", withhold_token=True).get("data")
        return data if isinstance(data, dict) else {}

    def get(self, path: str, params: Mapping[str, object]) -> dict[str, Any]:
        """The object at a path such as `/me`."""
        return self._get(_nominal(path, [(name, str(value)) for name, value in params.items()] + self._proof()))

    def pages(self, path: str, params: Mapping[str, object], *, max_pages: int) -> Iterator[dict[str, Any]]:
        """The objects of a list, page by page; pages on another host than the Graph's are not read."""
        page = self.get(path, params)
        for _ in range(max_pages - 1):
            yield from objects_in(page.get("data"))
            following = page.get("paging")
            url = self._next_url(following.get("next") if isinstance(following, dict) else None)
            if url is None:
                return
            page = self._get(url)
        yield from objects_in(page.get("data"))

    def _next_url(self, url: object) -> str | None:
        try:
            parts = urlsplit(url if isinstance(url, str) else "")
        except ValueError:
            return None
        own = urlsplit(settings.FACEBOOK_GRAPH_URL)
        if (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
            return None
        query = [(name, value) for name, value in parse_qsl(parts.query) if name not in _ADDED]
        return f"{_NOMINAL}{parts.path}?{urlencode(query + self._proof())}"

    def _proof(self) -> list[tuple[str, str]]:
        """Shows that the token is used by its app (https://developers.facebook.com/docs/graph-api/guides/secure-requests)."""
        key, token = settings.FACEBOOK_APP_SECRET.encode(), self._token.encode()
        return [("appsecret_proof", hmac.new(key, token, hashlib.sha256).hexdigest())]

    def _get(self, url: str, **kwargs: Any) -> dict[str, Any]:
        with _reaching():
            return _answer(self._session.get(url, timeout=(CONNECT_SECONDS, READ_SECONDS), **kwargs))


class _GraphAdapter(DialAdapter):
    """Calls the configured Graph; gives up redirects and answers that are too long or too late."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__(self._connect)
        self._deadline = deadline
        self._own = urlsplit(settings.FACEBOOK_GRAPH_URL)

    def _connect(self, host: str, port: int, timeout: float) -> Any:
        addresses = self._deadline.run(lambda: resolve(host, port))
        return connect(addresses, port, timeout=timeout, deadline=self._deadline)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        self._deadline.remaining()
        request.url = urlunsplit((self._own.scheme, self._own.netloc, request.path_url, "", ""))
        if self._own.netloc != urlsplit(_NOMINAL).netloc:
            kwargs["proxies"] = None  # those were chosen for the host that is not called
        response = super().send(request, **{**kwargs, "stream": True})
        body = read_body(response, max_bytes=MAX_ANSWER_BYTES, deadline=self._deadline)
        response.close()
        if body is None or response.is_redirect:
            raise _away()
        response = _copy(response)
        response.raw = io.BytesIO(body)
        return response


def _copy(response: requests.Response) -> requests.Response:
    """The answer without its body, which is to be given anew."""
    copy = requests.Response()
    copy.status_code, copy.url, copy.request = response.status_code, response.url, response.request
    copy.encoding = "utf-8"
    return copy


def _nominal(path: str, query: list[tuple[str, str]] | None = None) -> str:
    prefix = urlsplit(settings.FACEBOOK_GRAPH_URL).path
    return f"{_NOMINAL}{prefix}{path}" + (f"?{urlencode(query)}" if query else "")


def objects_in(value: object) -> list[dict[str, Any]]:
    """The JSON objects of a list, of whatever else nothing."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _away() -> GraphUnavailable:
    return GraphUnavailable("Facebook is away. Please try again later.")


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except (requests.RequestException, OSError):
        raise _away() from None


def _checked(response: requests.Response) -> requests.Response:
    _answer(response)
    return response


def _answer(response: requests.Response) -> dict[str, Any]:
    """The answer's JSON object. Raises `GraphRefused`, and `GraphUnavailable` for what is no answer."""
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        raise _away() from None
    status = response.status_code
    if not isinstance(answer, dict) or status >= 500 or status == 429:
        raise _away()
    error = answer.get("error")
    if status == 200 and not error:
        return answer
    details = error if isinstance(error, dict) else {}
    if details.get("is_transient") is True or details.get("code") in _TEMPORARY:
        raise _away()
    raise GraphRefused(token_is_dead=status == 401 or details.get("code") in _DEAD_TOKEN)
