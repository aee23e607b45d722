"""The last step to a gateway: `requests` transport adapters for the gateways' own client libraries."""

from typing import Any

import requests
from requests.adapters import HTTPAdapter


class GatewayAdapter(HTTPAdapter):
    """Sends each request once, and to `base_url` in place of its own scheme and host when that is given.

    Mount it on the session of a client library. Whoever sends messages counts the tries; a library's own
    (firebase_admin's four, with growing waits) would only hold the worker.
    """

    def __init__(self, base_url: str = "") -> None:
        super().__init__(max_retries=0)
        self.base_url = base_url.rstrip("/")

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if self.base_url:
            request.url = self.base_url + request.path_url
            kwargs["proxies"] = None  # those were chosen for the host that is not called
        return super().send(request, *args, **kwargs)
