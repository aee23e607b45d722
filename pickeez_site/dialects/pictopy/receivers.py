"""Lets pages of the desktop client's web view call these routes from a browser, and no other page."""

from urllib.parse import urlsplit

from corsheaders.signals import check_request_enabled
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from pickeez_site.dialects.pictopy.authentication import is_this_machine
from pickeez_site.dialects.pictopy.viewsets import PictoPyViewSet


@receiver(check_request_enabled)
def on_check_request_enabled(sender: object, request: HttpRequest, **_: object) -> bool:
    """Whether the answer allows a page of the request's origin to read it.

    Not by a host name that is not this server's: such a page has had its own name resolve to this machine.
    """
    host = f"//{request.META.get('HTTP_HOST', '')}"
    return (
        request.headers.get("Origin") in settings.LOCAL_LIBRARY_ORIGINS
        and (is_this_machine(host) or _hostname(host) == _hostname(settings.PUBLIC_URL))
        and _is_route(request.path_info)
    )


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _is_route(path: str) -> bool:
    try:
        view = resolve(path).func
    except Resolver404:
        return False
    return issubclass(getattr(view, "cls", object), PictoPyViewSet)
