"""Photos: added as a file or by their key in the storage."""

from django.core.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from albums.models import Album
from photos.models import Photo
from photos.services import (
    PhotoFacts,
    register_photo,
    set_faces_data,
    set_like,
    set_photo_local_id,
    store_photo,
    trash_photo,
)
from pickeez_site.dialects.authentication import key_of_request
from pickeez_site.dialects.pickeez.parameters import BadParameter, list_from, object_from, rectangle_from
from pickeez_site.dialects.pickeez.viewsets import PickeezViewSet
from pickeez_site.dialects.pickeez.wire import Photo as AnsweredPhoto
from pickeez_site.dialects.wire.values import parse_id
from profiles.identifiers import is_id
from profiles.models import App
from profiles.services import link_photo

MAX_PATH = 2048
MAX_RECTANGLES = 1000


class PhotoViewSet(PickeezViewSet):
    def create(self, request: Request) -> Response:
        source = self._source()
        album = Album.objects.visible_to(self.caller).get(pk=self.parameters.required_id("album_id"))
        file = self.parameters.file("file")
        facts = self._facts()
        if file:
            photo = store_photo(user=self.caller, album=album, file=file, facts=facts)
        else:
            s3_path = self.parameters.required("s3_path", max_length=MAX_PATH)
            photo = register_photo(user=self.caller, album=album, s3_path=s3_path, facts=facts)
        if source:
            app, device_id = source
            link_photo(app=app, device_id=device_id, photo=photo, user=self.caller)
        return Response({"_id": str(photo.pk)})

    def _facts(self) -> PhotoFacts:
        given = self.parameters
        return PhotoFacts(
            s3_server_id=given.text("s3_server_id") or "",
            photo_creation_date=given.text("photo_creation_date", max_length=100) or "",
            local_creation_date=given.text("local_creation_date", max_length=100) or "",
            num_faces=given.integer("num_faces"),
            photo_local_id=given.text("photo_local_id") or "",
        )

    def _source(self) -> tuple[App, str] | None:
        """The app, known by its key, and its device that the photo comes from; None when it comes from none."""
        key = key_of_request(self.request)
        device_id = self.parameters.value("device_id")  # as it came: blanks may be part of it
        if device_id in (None, ""):
            return None
        if not isinstance(device_id, str) or not is_id(device_id):
            raise BadParameter("Parameter device_id must be 1 to 128 printable characters.")
        if key is None:
            raise BadParameter("Parameter device_id goes with the app's key in the header api_key.")
        return key.app, device_id

    def retrieve(self, request: Request, photo_id: str) -> Response:
        photo = self._photo(photo_id)
        return Response(AnsweredPhoto.of(photo, self.caller, self.media))

    def set_filter(self, request: Request, photo_id: str) -> Response:
        set_like(photo=self._photo(photo_id), user=self.caller, kind=self.parameters.text("type") or "")
        return Response({"msg": "ok"})

    def set_local_id(self, request: Request, photo_id: str) -> Response:
        value = self.parameters.given("photo_local_id")
        set_photo_local_id(photo=self._photo(photo_id), user=self.caller, value=value)
        return Response({"msg": "ok"})

    def set_faces_data(self, request: Request, photo_id: str) -> Response:
        photo = self._own(photo_id)
        rectangles = self.parameters.json("rectangles")
        if rectangles is not None:
            rectangles = [rectangle_from(item) for item in list_from(rectangles, "rectangles", MAX_RECTANGLES)]
        detected = object_from(self.parameters.json("detected_faces_data"), "detected_faces_data")
        set_faces_data(photo=photo, rectangles=rectangles, detected_data=detected)
        return Response(AnsweredPhoto.of(photo, self.caller, self.media))

    def trash(self, request: Request, photo_id: str) -> Response:
        photo = self._own(photo_id, also_deleted=True)
        trash_photo(photo=photo)
        return Response({"msg": "ok", "removed_photo": AnsweredPhoto.of(photo, self.caller, self.media)})

    def _own(self, photo_id: str, *, also_deleted: bool = False) -> Photo:
        """The caller's own photo; also one that they deleted, where deleting may be repeated."""
        mine = Photo.objects.in_place().filter(owner=self.caller).select_related("original")
        if also_deleted and (photo := mine.filter(pk=parse_id(photo_id)).first()):
            return photo
        photo = self._photo(photo_id)
        if photo.owner_id != self.caller.pk:
            raise PermissionDenied("Only the photo's owner may do this.")
        return photo

    def _photo(self, photo_id: str) -> Photo:
        """The photo, if the caller may see it; an unknown one and somebody else's are equally not there."""
        photos = Photo.objects.visible_to(self.caller).select_related("original")
        return photos.get(pk=parse_id(photo_id))
