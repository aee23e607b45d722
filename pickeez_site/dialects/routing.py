"""Routes with and without a slash."""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import URLPattern, path
from rest_framework.viewsets import ViewSet


def route(pattern: str, viewset: type[ViewSet], name: str, **actions: str) -> list[URLPattern]:
    """The route with and without its trailing slash: `route("me", PeopleViewSet, "me", get="me")`.

    Raises `ValueError` for an action that is called like an HTTP method (`delete`): REST framework would answer
    that method with it on every route of the viewset.
    """
    if taken := set(actions.values()) & set(viewset.http_method_names):
        raise ValueError(f"{viewset.__name__} needs other names for {taken}.")
    view: Callable[..., HttpResponseBase] = viewset.as_view({**actions})
    return [path(pattern, view, name=name), path(f"{pattern}/", view)] if pattern else [path("", view, name=name)]
