"""Faces: which images show the same people. Everything here goes by what was found when an image was processed."""

from itertools import chain

from rest_framework.request import Request

from faces.library_selectors import find_matches, originals_by_person, originals_sharing_people
from photos.image_paths import images_of, paths_by_original, photos_by_path
from pickeez_site.dialects.pictopy import wire
from pickeez_site.dialects.pictopy.viewsets import PictoPyViewSet, told
from pickeez_site.dialects.viewsets import operation
from pickeez_site.dialects.wire.values import parse_id


class TagViewSet(PictoPyViewSet):
    section = "Face Recognition and Tagging"

    @operation("Pairs of images that show the same person", answer="The pairs, the most similar first.")
    @told("Successfully matched face embeddings", "/tag/match")
    def match(self, request: Request, asked: wire.Section) -> wire.Success[wire.SimilarPairs]:
        matches = find_matches(self.caller, offset=asked.offset or 0, limit=asked.limit or 0)
        pairs = [wire.SimilarPair.of(match) for match in matches]
        return wire.success(wire.SimilarPairs(similar_pairs=pairs))

    @operation("Images by who is on them", answer="The people who are on several images.")
    @told("Successfully clustered face embeddings", "/tag/clusters")
    def clusters(self, request: Request, asked: wire.After) -> wire.Page[wire.Clusters]:
        after, people = parse_id(asked.after), originals_by_person(self.caller).items()
        clusters = {pk: originals for pk, originals in people if pk > after and len(originals) > 1}
        shown, next_after = wire.first_groups({pk: len(originals) for pk, originals in clusters.items()})
        paths = paths_by_original(self.caller, originals=set().union(*(clusters[pk] for pk in shown)))
        found = {str(pk): sorted(chain(*(paths[original] for original in clusters[pk]))) for pk in shown}
        return wire.page(wire.Clusters(clusters=found), next_after)

    @operation(
        "Other images that show somebody who is on this one", answer="The other images, by path.", errors=[404]
    )
    @told("Successfully retrieved related images", "/tag/related-images")
    def related(self, request: Request, asked: wire.PicturePage) -> wire.Page[wire.RelatedImages]:
        here = photos_by_path(self.caller, [asked.path])[asked.path]
        own_paths = {photo.path for photo in here}  # type: ignore[attr-defined]  # annotated
        originals = originals_sharing_people(self.caller, {photo.original_id for photo in here})
        limit = wire.MAX_ROWS + 1 + len(own_paths)
        images = images_of(self.caller, after=asked.after, originals=originals, limit=limit)
        others = [image.path for image in images if image.path not in own_paths]
        shown, next_after = wire.first_rows(others, str)
        return wire.page(wire.RelatedImages(related_images=shown), next_after)
