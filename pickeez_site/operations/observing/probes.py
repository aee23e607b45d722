"""`/healthz`, `/readyz` and `/metrics`: probes that machines send by plain HTTP and by IP address.

They are answered before the redirect to https and before the check of the `Host` header, because the answers
depend on neither. They are not logged and not counted.
"""

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import split_domain_port, validate_host
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare

from pickeez_site.operations.observing.gauges import BacklogCollector
from pickeez_site.operations.observing.metrics import CONTENT_TYPE, render_metrics
from pickeez_site.operations.observing.readiness import readiness
from pickeez_site.serving import errors
from pickeez_site.serving.proxies import client_address, is_loopback


class ProbesMiddleware:
    """Answers the probes. It must come right after `TrustedProxyMiddleware`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = PROBES.get(request.path_info.removesuffix("/"))
        if view is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return JsonResponse({"msg": "Method not allowed."}, status=405, headers={"Allow": "GET, HEAD"})
        response = view(request)
        response["Cache-Control"] = "no-store"
        response["Content-Length"] = str(len(response.content))
        return response


def healthz(request: HttpRequest) -> HttpResponse:
    """Only shows that the process answers, because a restart would repair nothing else."""
    return JsonResponse({"alive": True})


def readyz(request: HttpRequest) -> HttpResponse:
    answer = readiness()
    return JsonResponse(answer, status=200 if answer["ready"] else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics; 404 for clients that may not see them."""
    if not _may_see_metrics(request):
        return errors.not_found(request)
    return HttpResponse(render_metrics(BacklogCollector()), content_type=CONTENT_TYPE)


def _may_see_metrics(request: HttpRequest) -> bool:
    if is_loopback(request) and _is_for_us(request):
        return True
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    if getattr(request, "via_unknown_proxy", False):  # the client's address is not known
        return False
    try:
        address = ip_address(client_address(request))
    except ValueError:
        return False
    return _is_for_us(request) and any(address in network for network in settings.METRICS_NETWORKS)


def _is_for_us(request: HttpRequest) -> bool:
    """Returns whether the `Host` is an address, this machine, or a name of this server.

    A page whose name was pointed at this machine would read the answer as its own; its browser sends that name.
    """
    host = split_domain_port(request.META.get("HTTP_HOST", request.META["SERVER_NAME"]))[0]
    try:
        return bool(ip_address(host.strip("[]")))
    except ValueError:
        names = [name for name in settings.ALLOWED_HOSTS if name != "*"]
        return validate_host(host, ["localhost", *names])


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": metrics,
}
