"""Faces: which images show the same people. Everything here goes by what was found when an image was processed."""

from itertools import accumulate

from rest_framework.request import Request
from rest_framework.response import Response

from faces.library import matches_of, originals_showing_those_on, people_of
from photos.image_paths import images_of, photos_by_path
from pickeez_site.dialects.pictopy.payload import MAX_OFFSET
from pickeez_site.dialects.pictopy.serializers import clusters_fields, match_fields
from pickeez_site.dialects.pictopy.viewsets import MAX_ROWS, PictoPyViewSet
from pickeez_site.dialects.wire.values import parse_id


class TagViewSet(PictoPyViewSet):
    def match(self, request: Request) -> Response:
        limit = self.payload.number("limit", default=MAX_ROWS, maximum=MAX_ROWS)
        offset = self.payload.number("offset", default=0, maximum=MAX_OFFSET)
        pairs = [match_fields(match) for match in matches_of(self.caller, offset=offset, limit=limit)]
        return self.answer({"similar_pairs": pairs}, "Successfully matched face embeddings")

    def clusters(self, request: Request) -> Response:
        after = parse_id(self.payload.after())
        people = {pk: originals for pk, originals in people_of(self.caller).items() if pk > after}
        clusters = {pk: originals for pk, originals in people.items() if len(originals) > 1}
        totals = accumulate(1 + len(originals) for originals in clusters.values())
        shown = [pk for pk, total in zip(clusters, totals, strict=True) if total <= MAX_ROWS] or [*clusters][:1]
        images = images_of(self.caller, originals=set().union(*(clusters[pk] for pk in shown)))
        data = {"clusters": clusters_fields({pk: clusters[pk] for pk in shown}, images)}
        following = str(shown[-1]) if len(shown) < len(clusters) else None
        return self.answer(data, "Successfully clustered face embeddings", next_after=following)

    def related(self, request: Request) -> Response:
        path, after = self.payload.path(), self.payload.after()
        here = photos_by_path(self.caller, [path])[path]
        own_paths = {photo.path for photo in here}  # type: ignore[attr-defined]  # annotated
        originals = originals_showing_those_on(self.caller, {photo.original_id for photo in here})
        images = images_of(self.caller, after=after, originals=originals, limit=MAX_ROWS + 1 + len(own_paths))
        others = [image.path for image in images if image.path not in own_paths]
        following = others[MAX_ROWS - 1] if len(others) > MAX_ROWS else None
        data = {"related_images": others[:MAX_ROWS]}
        return self.answer(data, "Successfully retrieved related images", next_after=following)
