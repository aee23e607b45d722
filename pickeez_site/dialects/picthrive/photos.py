"""Photos: read, moved, copied, deleted."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from rest_framework.request import Request

from photos.models import Photo as StoredPhoto
from photos.services import copy_photos, may_change, move_photo, set_sort_order, trash_photo
from pickeez_site.dialects.picthrive import example_objects as examples
from pickeez_site.dialects.picthrive.viewsets import PhotoId, PicThriveViewSet
from pickeez_site.dialects.picthrive.wire.photos import Photo, Placed, Placing, Sorting, photos_of
from pickeez_site.dialects.picthrive.wire.values import Deleted
from pickeez_site.dialects.viewsets import operation
from pickeez_site.dialects.wire.values import parse_id

DELETED = Q(deleted_at__isnull=False) | Q(album__deleted_at__isnull=False)


class PhotoViewSet(PicThriveViewSet):
    section = "Photos"

    @operation(
        "A photo",
        answer="The photo.",
        answer_examples={"processed": examples.PHOTO, "unprocessed": examples.UNPROCESSED},
        errors=[404],
    )
    def retrieve(self, request: Request, photo_id: PhotoId) -> Photo:
        """Also a deleted one, to its owner, until it is purged."""
        stored = self._visible(photo_id) or self._in_trash(photo_id, Q(owner=self.caller))
        (photo,) = photos_of([stored], Photo)
        return photo

    @operation("Deletes a photo", answer="It is deleted.", answer_example={}, errors=[403, 404])
    def trash(self, request: Request, photo_id: PhotoId) -> Deleted:
        """The photo's or the group's owner. Its files go when the last photo that uses them is purged, 30 days
        later. It may be repeated.
        """
        photo = self._visible(photo_id)
        if photo is None:  # deleting may be repeated
            self._in_trash(photo_id, Q(owner=self.caller) | Q(album__owner=self.caller))
        elif may_change(photo=photo, user=self.caller):
            trash_photo(photo=photo)
        else:
            raise PermissionDenied("Only the photo's or the group's owner may delete it.")
        return Deleted()

    @operation(
        "Moves, copies or sorts a photo",
        answer="The photo's id.",
        answer_example={"PhotoId": examples.PHOTO_ID},
        errors=[403, 404, 409],
        examples={
            "move": examples.MOVE,
            "copy": {**examples.MOVE, "DoCopy": True},
            "sort": {"SortOrder": examples.PHOTO["SortOrder"]},
        },
    )
    def change(self, request: Request, photo_id: PhotoId, asked: Placing | Sorting) -> Placed:
        """Moving keeps the PhotoId, and is for the photo's or the group's owner; so is sorting. Copying is for
        whoever sees the photo, and makes a new one of the same files: nothing is stored or recognised again. The
        caller must be a member of the other group.
        """
        photo = self._visible(photo_id)
        if photo is None:
            raise StoredPhoto.DoesNotExist
        if isinstance(asked, Sorting):
            set_sort_order(photo=photo, user=self.caller, sort_order=asked.sort_order)
        elif asked.do_copy:
            (photo,) = copy_photos(photos=[photo], album=self.group(asked.group_id), user=self.caller)
        else:
            move_photo(photo=photo, album=self.group(asked.group_id), user=self.caller)
        return Placed(photo_id=photo.pk)

    def _visible(self, photo_id: str) -> StoredPhoto | None:
        photos = StoredPhoto.objects.visible_to(self.caller).select_related("original", "album")
        return photos.filter(pk=parse_id(photo_id)).first()

    def _in_trash(self, photo_id: str, whose: Q) -> StoredPhoto:
        """A deleted photo, or one of a deleted group. To others it does not exist."""
        photos = StoredPhoto.objects.filter(DELETED, whose).select_related("original", "album")
        return photos.get(pk=parse_id(photo_id))
