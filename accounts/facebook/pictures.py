"""Reads a user's pictures from Facebook: their profile pictures, and those they are tagged on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from accounts.facebook.graph import Graph, GraphRefused, objects_in

MAX_PAGES = 20
PAGE_SIZE = 100
MAX_PROFILE_PICTURES = 100
TAGGED_FIELDS = "images,tags.limit(100){id,name,x,y,created_time}"


@dataclass(frozen=True)
class Picture:
    """A picture's URL, and its size in pixels (None when Facebook does not tell it)."""

    source: str
    width: int | None
    height: int | None


@dataclass(frozen=True)
class Tag:
    """A user's tag on a picture, as the Graph gives it; what it does not give is None.

    `x` and `y` are percent of the picture's width and height, `created_time` is ISO 8601.
    """

    id: str
    name: str | None
    x: float | None
    y: float | None
    created_time: str | None


@dataclass(frozen=True)
class TaggedPicture(Picture):
    """A picture and the user's own tag; None when the Graph names no tag of theirs."""

    tag: Tag | None


def profile_pictures(graph: Graph, fb_id: str) -> list[Picture]:
    """Returns the pictures of the user's profile album; when that cannot be read, the current profile picture.

    Raises `GraphUnavailable`, and `GraphRefused` when the token is no longer valid.
    """
    for album in _read_list(graph, f"/{fb_id}/albums", fields="id,type"):
        if album.get("type") == "profile" and str(album.get("id")).isalnum():
            photos = _read_list(graph, f"/{album['id']}/photos", fields="images")
            if pictures := list(islice(filter(None, map(_largest_size, photos)), MAX_PROFILE_PICTURES)):
                return pictures
    return _current_profile_picture(graph, fb_id)


def tagged_pictures(graph: Graph, fb_id: str, *, limit: int) -> list[TaggedPicture]:
    """Returns at most `limit` pictures that the user is tagged on. Raises like `profile_pictures`."""
    photos = _read_list(graph, f"/{fb_id}/photos", type="tagged", fields=TAGGED_FIELDS) if limit > 0 else iter(())
    tagged = (
        TaggedPicture(picture.source, picture.width, picture.height, _own_tag(fb_id, photo))
        for photo in photos
        if (picture := _largest_size(photo))
    )
    return list(islice(tagged, max(limit, 0)))


def _read_list(graph: Graph, path: str, **params: str) -> Iterator[dict[str, object]]:
    """Yields the objects of a list; none when the user does not allow this app to read it."""
    try:
        yield from graph.pages(path, {**params, "limit": PAGE_SIZE}, max_pages=MAX_PAGES)
    except GraphRefused as refusal:
        if refusal.token_is_dead:
            raise


def _current_profile_picture(graph: Graph, fb_id: str) -> list[Picture]:
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


def _largest_size(photo: Mapping[str, object]) -> Picture | None:
    """Returns the largest of the sizes that Facebook has of a photo."""
    sizes = list(filter(None, map(_picture, objects_in(photo.get("images")))))
    return max(sizes, key=lambda size: (size.width or 0) * (size.height or 0), default=None)


def _picture(image: Mapping[str, object]) -> Picture | None:
    source = image.get("source")
    if not isinstance(source, str) or not source.startswith(("https://", "http://")):
        return None
    return Picture(source, _pixels(image.get("width")), _pixels(image.get("height")))


def _pixels(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _own_tag(fb_id: str, photo: Mapping[str, object]) -> Tag | None:
    """Returns the user's tag, of all tags on the photo."""
    tags = photo.get("tags")
    for tag in objects_in(tags.get("data") if isinstance(tags, dict) else None):
        if str(tag.get("id")) == fb_id:
            name, created_time = tag.get("name"), tag.get("created_time")
            return Tag(
                id=fb_id,
                name=name if isinstance(name, str) else None,
                x=_percent(tag.get("x")),
                y=_percent(tag.get("y")),
                created_time=created_time if isinstance(created_time, str) else None,
            )
    return None


def _percent(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
