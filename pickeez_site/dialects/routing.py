"""Routes with and without a slash."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.viewsets import ViewSet

from pickeez_site.dialects.viewsets import DialectViewSet
from pickeez_site.serving.errors import error_response


def route(pattern: str, viewset: type[ViewSet], name: str, **actions: str) -> list[URLPattern]:
    """The route with and without its trailing slash: `route("me", PeopleViewSet, "me", get="me")`.

    Raises `ValueError` for an action that is called like an HTTP method (`delete`): REST framework would answer
    that method with it on every route of the viewset.
    """
    if taken := set(actions.values()) & set(viewset.http_method_names):
        raise ValueError(f"{viewset.__name__} needs other names for {taken}.")
    view: Callable[..., HttpResponseBase] = viewset.as_view({**actions})
    return [path(pattern, view, name=name), path(f"{pattern}/", view)] if pattern else [path("", view, name=name)]


def unknown_below(folder: str, viewset: type[DialectViewSet]) -> list[URLPattern]:
    """All other paths in the folder, to stand after its routes: 404 in the envelope of the viewset's dialect."""

    @csrf_exempt
    def not_found(request: HttpRequest) -> HttpResponse:
        return error_response(request, 404, "Not found.")

    not_found.envelope = viewset.envelope  # type: ignore[attr-defined]
    return [re_path(rf"^{folder}(?:/[\s\S]*)?$", not_found)]
