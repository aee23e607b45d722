"""Photos: read, moved, copied, deleted; and where their pictures are."""

from django.conf import settings
from django.db.models import Q

from photos.models import Photo
from photos.services import copy_photos, move_photo, photo_to_delete, set_sort_order, trash_photo
from pickeez_site.dialects.picthrive import wire
from pickeez_site.dialects.picthrive.dialect import PicThriveViewSet, operation
from pickeez_site.dialects.wire import SentId
from pickeez_site.dialects.wire.values import parse_id

DELETED = Q(deleted_at__isnull=False) | Q(album__deleted_at__isnull=False)


class PhotoViewSet(PicThriveViewSet):
    section = "Photos"

    @operation("A photo", answer="The photo.")
    def retrieve(self, photo_id: SentId) -> wire.Photo:
        """Also a deleted one, to its owner, until it is purged."""
        photo = self._visible(photo_id) or self._in_trash(photo_id, Q(owner=self.caller))
        (answered,) = wire.photos_of([photo], wire.Photo)
        return answered

    @operation("Deletes a photo", answer="It is deleted.", errors=[403])
    def trash(self, photo_id: SentId) -> None:
        """The photo's or the group's owner. Its files go when the last photo that uses them is purged, 30 days
        later. It may be repeated. What the group's owner deletes, the photo's owner keeps in their library, and
        nobody else brings back to the group.
        """
        photo = photo_to_delete(user=self.caller, photo_id=parse_id(photo_id))
        trash_photo(photo=photo, by=self.caller)

    @operation("Moves, copies or sorts a photo", answer="The photo's id.", errors=[403, 409])
    def change(self, photo_id: SentId, asked: wire.Placing | wire.Sorting) -> wire.Placed:
        """Moving keeps the PhotoId, and is for the photo's or the group's owner; so is sorting. Copying is for
        whoever sees the photo, and makes a new one of the same files: nothing is stored or recognised again, and
        the copy of an unprocessed photo becomes ready with it. The caller must be a member of the other group,
        whose owner has not deleted the picture there.
        """
        photo = self._visible(photo_id)
        if photo is None:
            raise Photo.DoesNotExist
        if isinstance(asked, wire.Sorting):
            set_sort_order(photo=photo, user=self.caller, sort_order=asked.sort_order)
        elif asked.do_copy:
            (photo,) = copy_photos(photos=[photo], album=self.group(asked.group_id), user=self.caller)
        else:
            move_photo(photo=photo, album=self.group(asked.group_id), user=self.caller)
        return wire.Placed(photo_id=photo.pk)

    def _visible(self, photo_id: str) -> Photo | None:
        photos = Photo.objects.visible_to(self.caller).select_related("original", "album")
        return photos.filter(pk=parse_id(photo_id)).first()

    def _in_trash(self, photo_id: str, whose: Q) -> Photo:
        """A deleted photo, or one of a deleted group. To others it does not exist."""
        return Photo.objects.filter(DELETED, whose).select_related("original", "album").get(pk=parse_id(photo_id))


class RegionViewSet(PicThriveViewSet):
    section = "Regions"

    @operation("Where pictures are", answer="Each region's base URL.")
    def list(self) -> wire.Regions:
        """What to put before a suffix, by the Region beside it."""
        return wire.Regions(regions={settings.REGION_NAME: settings.PUBLIC_URL})
