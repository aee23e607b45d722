"""The `requests` adapter that the gateways' client libraries send by."""

from collections.abc import Mapping

import requests
from requests.adapters import HTTPAdapter


class GatewayAdapter(HTTPAdapter):
    """Sends each request once; to `base_url`, if given, instead of the request's own scheme and host.

    Mount it on the session of a client library. Our own code counts tries; the retries of a library
    (firebase_admin makes four, with growing pauses) would only block the worker.
    """

    def __init__(self, base_url: str = "") -> None:
        super().__init__(max_retries=0)
        self.base_url = base_url.rstrip("/")

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        if self.base_url:
            request.url = self.base_url + request.path_url
            proxies = None  # they were chosen for the original host
        return super().send(request, stream, timeout, verify, cert, proxies)
