"""Faces: which images show the same people. Everything here goes by what was found when an image was processed."""

from itertools import chain

from faces.library_selectors import find_matches, originals_by_person, originals_sharing_people
from photos.image_paths import images_of, paths_by_original, photos_by_path
from pickeez_site.dialects.pictopy import wire
from pickeez_site.dialects.pictopy.viewsets import PictoPyViewSet, operation
from pickeez_site.dialects.pictopy.wire import MAX_ROWS, Cursor, GivenPath, Limit, Offset, Page, Success
from pickeez_site.dialects.wire.values import parse_id


class TagViewSet(PictoPyViewSet):
    section = "Face Recognition and Tagging"

    @operation("Pairs of images that show the same person", answer="The pairs, the most similar first.")
    def match(self, *, limit: Limit = MAX_ROWS, offset: Offset = 0) -> Success[wire.SimilarPairs]:
        matches = find_matches(self.caller, offset=offset or 0, limit=limit or 0)
        found = wire.SimilarPairs(similar_pairs=[wire.SimilarPair.of(match) for match in matches])
        return wire.success(found, "Successfully matched face embeddings")

    @operation("Images by who is on them", answer="The people who are on several images.")
    def clusters(self, *, after: Cursor = "") -> Page[wire.Clusters]:
        last, people = parse_id(after), originals_by_person(self.caller).items()
        clusters = {pk: originals for pk, originals in people if pk > last and len(originals) > 1}
        shown, next_after = wire.first_groups({pk: len(originals) for pk, originals in clusters.items()})
        paths = paths_by_original(self.caller, originals=set().union(*(clusters[pk] for pk in shown)))
        found = {str(pk): sorted(chain(*(paths[original] for original in clusters[pk]))) for pk in shown}
        return wire.page(wire.Clusters(clusters=found), next_after, "Successfully clustered face embeddings")

    @operation("Other images that show somebody who is on this one", answer="The other images.", errors=[404])
    def related(self, *, path: GivenPath, after: Cursor = "") -> Page[wire.RelatedImages]:
        here = photos_by_path(self.caller, [path])[path]
        own_paths = {photo.path for photo in here}  # type: ignore[attr-defined]  # annotated
        originals = originals_sharing_people(self.caller, {photo.original_id for photo in here})
        limit = wire.MAX_ROWS + 1 + len(own_paths)
        images = images_of(self.caller, after=after, originals=originals, limit=limit)
        shown, next_after = wire.first_rows([one.path for one in images if one.path not in own_paths], str)
        found = wire.RelatedImages(related_images=shown)
        return wire.page(found, next_after, "Successfully retrieved related images")
