"""The pictures that Facebook has of a user: those they showed themselves with, and those they are tagged on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from accounts.facebook.graph import Graph, GraphRefused, objects_in

MAX_PAGES = 20
PAGE_SIZE = 100
MAX_PROFILE_PICTURES = 100


@dataclass(frozen=True)
class Picture:
    """Where a picture is, and its size in pixels (None where Facebook does not tell)."""

    source: str
    width: int | None
    height: int | None


@dataclass(frozen=True)
class TaggedPicture(Picture):
    """A picture with the user's tag on it: `{"x", "y"}` in percent of width and height, or None."""

    tag: dict[str, float] | None


def profile_pictures(graph: Graph, fb_id: str) -> list[Picture]:
    """The pictures of the user's profile album; without one that can be read, the profile picture.

    Raises `GraphUnavailable`, and `GraphRefused` when the token is dead.
    """
    for album in _list(graph, f"/{fb_id}/albums", fields="id,type"):
        if album.get("type") == "profile" and str(album.get("id")).isalnum():
            photos = _list(graph, f"/{album['id']}/photos", fields="images")
            if pictures := list(islice(filter(None, map(_largest, photos)), MAX_PROFILE_PICTURES)):
                return pictures
    return _current(graph, fb_id)


def tagged_pictures(graph: Graph, fb_id: str, *, limit: int) -> list[TaggedPicture]:
    """At most `limit` pictures that the user is tagged on; raises like `profile_pictures`."""
    photos = _list(graph, f"/{fb_id}/photos", type="tagged", fields="images,tags") if limit > 0 else iter(())
    tagged = (
        TaggedPicture(picture.source, picture.width, picture.height, _tag_of(fb_id, photo))
        for photo in photos
        if (picture := _largest(photo))
    )
    return list(islice(tagged, max(limit, 0)))


def _list(graph: Graph, path: str, **params: str) -> Iterator[dict[str, Any]]:
    """The objects of a list, as far as the user lets this app see them."""
    try:
        yield from graph.pages(path, {**params, "limit": PAGE_SIZE}, max_pages=MAX_PAGES)
    except GraphRefused as refusal:
        if refusal.token_is_dead:
            raise


def _current(graph: Graph, fb_id: str) -> list[Picture]:
    try:
        data = graph.get(f"/{fb_id}/picture", {"redirect": 0, "type": "large"}).get("data")
    except GraphRefused as refusal:
        if refusal.token_is_dead:
            raise
        return []
    if not isinstance(data, dict) or data.get("is_silhouette") is True:
        return []
    picture = _picture({**data, "source": data.get("url")})
    return [picture] if picture else []


def _largest(photo: Mapping[str, Any]) -> Picture | None:
    """The largest of the sizes in which Facebook keeps a photo."""
    sizes = list(filter(None, map(_picture, objects_in(photo.get("images")))))
    return max(sizes, key=lambda size: (size.width or 0) * (size.height or 0), default=None)


def _picture(image: Mapping[str, Any]) -> Picture | None:
    source = image.get("source")
    if not isinstance(source, str) or not source.startswith(("https://", "http://")):
        return None
    return Picture(source, _pixels(image.get("width")), _pixels(image.get("height")))


def _pixels(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _tag_of(fb_id: str, photo: Mapping[str, Any]) -> dict[str, float] | None:
    tags = photo.get("tags")
    for tag in objects_in(tags.get("data") if isinstance(tags, dict) else None):
        x, y = tag.get("x"), tag.get("y")
        if str(tag.get("id")) == fb_id and isinstance(x, int | float) and isinstance(y, int | float):
            return {"x": x, "y": y}
    return None
