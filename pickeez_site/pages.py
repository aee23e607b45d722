"""The pages about the APIs, and where `/` leads people. Nothing comes from elsewhere."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from pickeez_site.dialects.openapi.generator import description_of, dialect_names
from pickeez_site.serving.errors import UNCACHED

HEADERS = {
    # The viewers set styles from scripts, draw icons from data: URLs, and search in a worker made from a blob.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
}


class FrontPageMiddleware:
    """Leads clients that prefer HTML from `/` to the gallery; all others get what the dialect of `/` says."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/" and request.method in ("GET", "HEAD") and _prefers_html(request):
            return HttpResponseRedirect(reverse("gallery:home"), headers={"Vary": "Accept", **UNCACHED})
        return self.get_response(request)


def _prefers_html(request: HttpRequest) -> bool:
    return request.get_preferred_type(["application/json", "text/html"]) == "text/html"


@require_safe
def apis(request: HttpRequest) -> HttpResponse:
    return _page(request, "pages/front.html")


@require_safe
def swagger_ui(request: HttpRequest) -> HttpResponse:
    return _page(request, "pages/docs.html")


@require_safe
def redoc(request: HttpRequest) -> HttpResponse:
    return _page(request, "pages/redoc.html")


def _page(request: HttpRequest, template: str) -> HttpResponse:
    """A page about the API that the parameter `api` names; without one, about all."""
    names = dialect_names()
    chosen = request.GET.get("api", "")
    context: dict[str, object] = {
        "apis": [_introduced(name) for name in names],
        "chosen": chosen if chosen in names else "",
    }
    return HttpResponse(render_to_string(template, context), headers=HEADERS)


def _introduced(name: str) -> dict[str, object]:
    """The API with its description, and the first sentence of it, which says what the API is for."""
    described = description_of(name)
    first, end, _ = described.description.partition(". ")
    return {"name": name, "described": described, "summary": first + end.strip()}
