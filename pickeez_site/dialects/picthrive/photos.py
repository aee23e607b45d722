"""Photos: read, moved, copied, deleted."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from rest_framework.request import Request
from rest_framework.response import Response

from photos.models import MAX_SORT_ORDER, Photo
from photos.services import copy_photos, may_change, move_photo, set_sort_order, trash_photo
from pickeez_site.dialects.picthrive.members import BadMember
from pickeez_site.dialects.picthrive.serializers import PhotosSeen
from pickeez_site.dialects.picthrive.viewsets import PicThriveViewSet
from pickeez_site.dialects.wire.values import parse_id

DELETED = Q(deleted_at__isnull=False) | Q(album__deleted_at__isnull=False)


class PhotoViewSet(PicThriveViewSet):
    def retrieve(self, request: Request, photo_id: str) -> Response:
        photo = self._visible(photo_id) or self._in_trash(photo_id, Q(owner=self.caller))
        return Response(PhotosSeen([photo]).fields(photo))

    def trash(self, request: Request, photo_id: str) -> Response:
        photo = self._visible(photo_id)
        if photo is None:  # deleting may be repeated
            self._in_trash(photo_id, Q(owner=self.caller) | Q(album__owner=self.caller))
        elif may_change(photo=photo, user=self.caller):
            trash_photo(photo=photo)
        else:
            raise PermissionDenied("Only the photo's or the group's owner may delete it.")
        return Response({})

    def change(self, request: Request, photo_id: str) -> Response:
        photo = self._visible(photo_id)
        if photo is None:
            raise Photo.DoesNotExist
        sort_order = self.members.text("SortOrder", max_length=MAX_SORT_ORDER)
        if not sort_order:
            photo = self._copied_or_moved(photo)
        elif "GroupId" in self.members:
            raise BadMember("A photo is sorted or given another GroupId, one at a time.")
        else:
            set_sort_order(photo=photo, user=self.caller, sort_order=sort_order)
        return Response({"PhotoId": str(photo.pk)})

    def _copied_or_moved(self, photo: Photo) -> Photo:
        do_copy = self.members.boolean("DoCopy")
        album = self.group(self.members.required("GroupId"))
        if do_copy:
            return copy_photos(photos=[photo], album=album, user=self.caller)[0]
        move_photo(photo=photo, album=album, user=self.caller)
        return photo

    def _visible(self, photo_id: str) -> Photo | None:
        photos = Photo.objects.visible_to(self.caller).select_related("original", "album")
        return photos.filter(pk=parse_id(photo_id)).first()

    def _in_trash(self, photo_id: str, whose: Q) -> Photo:
        """A deleted photo, or one of a deleted group. To others it does not exist."""
        return Photo.objects.filter(DELETED, whose).select_related("original", "album").get(pk=parse_id(photo_id))
