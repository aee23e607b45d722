"""Faces: which images show the same people. Everything here goes by what was found when an image was processed."""

from itertools import accumulate

from rest_framework.request import Request

from faces.library_selectors import find_matches, originals_by_person, originals_sharing_people
from photos.image_paths import images_of, photos_by_path
from pickeez_site.dialects.pictopy.documented import session
from pickeez_site.dialects.pictopy.viewsets import PictoPyViewSet
from pickeez_site.dialects.pictopy.wire import (
    MAX_ROWS,
    After,
    Clusters,
    Page,
    PicturePage,
    RelatedImages,
    Section,
    SimilarPair,
    SimilarPairs,
    Success,
    page,
    success,
)
from pickeez_site.dialects.viewsets import operation
from pickeez_site.dialects.wire.values import parse_id

CLUSTERS = {"01a2023d-d89b-7132-9ec0-22e6ffc01ee4": ["/pictures/trip/1.png", "/pictures/trip/2.png"]}


class TagViewSet(PictoPyViewSet):
    section = "Face Recognition and Tagging"

    @operation(
        "Pairs of images that show the same person",
        answer="The pairs, the most similar first.",
        **session("/tag/match", "Successfully matched face embeddings"),
    )
    def match(self, request: Request, asked: Section) -> Success[SimilarPairs]:
        matches = find_matches(self.caller, offset=asked.offset or 0, limit=asked.limit or 0)
        pairs = [SimilarPair.of(match) for match in matches]
        return success(SimilarPairs(similar_pairs=pairs), "Successfully matched face embeddings")

    @operation(
        "Images by who is on them",
        answer="The people who are on several images.",
        answer_example=success({"clusters": CLUSTERS}, "Successfully clustered face embeddings"),
    )
    def clusters(self, request: Request, asked: After) -> Page[Clusters]:
        after = parse_id(asked.after)
        people = {pk: originals for pk, originals in originals_by_person(self.caller).items() if pk > after}
        clusters = {pk: originals for pk, originals in people.items() if len(originals) > 1}
        totals = accumulate(1 + len(originals) for originals in clusters.values())
        shown = [pk for pk, total in zip(clusters, totals, strict=True) if total <= MAX_ROWS] or [*clusters][:1]
        images = images_of(self.caller, originals=set().union(*(clusters[pk] for pk in shown)))
        following = str(shown[-1]) if len(shown) < len(clusters) else None
        found = Clusters.of({pk: clusters[pk] for pk in shown}, images)
        return page(found, "Successfully clustered face embeddings", following)

    @operation(
        "Other images that show somebody who is on this one",
        answer="The other images, by path.",
        errors=[404],
        **session("/tag/related-images", "Successfully retrieved related images"),
    )
    def related(self, request: Request, asked: PicturePage) -> Page[RelatedImages]:
        here = photos_by_path(self.caller, [asked.path])[asked.path]
        own_paths = {photo.path for photo in here}  # type: ignore[attr-defined]  # annotated
        originals = originals_sharing_people(self.caller, {photo.original_id for photo in here})
        limit = MAX_ROWS + 1 + len(own_paths)
        images = images_of(self.caller, after=asked.after, originals=originals, limit=limit)
        others = [image.path for image in images if image.path not in own_paths]
        following = others[MAX_ROWS - 1] if len(others) > MAX_ROWS else None
        found = RelatedImages(related_images=others[:MAX_ROWS])
        return page(found, "Successfully retrieved related images", following)
