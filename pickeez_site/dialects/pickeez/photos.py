"""Photos: added as a file or by their key in the storage."""

from typing import Annotated, Any

import msgspec
from django.core.exceptions import PermissionDenied

from albums.models import Album
from faces.member_view import photo_alone
from photos import services
from photos.models import Photo
from pickeez_site.dialects.authentication import key_of_request
from pickeez_site.dialects.pickeez.dialect import WITH_APP_KEY
from pickeez_site.dialects.pickeez.viewsets import PickeezViewSet, operation
from pickeez_site.dialects.pickeez.wire import answers, photos, requests
from pickeez_site.dialects.pickeez.wire.requests import FreeText, MembersOwn, Rectangles
from pickeez_site.dialects.wire import BadInput, SentId
from pickeez_site.dialects.wire.types import rules
from pickeez_site.dialects.wire.values import parse_id
from profiles.models import App
from profiles.services import link_photo


class PhotoViewSet(PickeezViewSet):
    section = "Photos"

    @operation("Adds a photo to an album", answer="The photo's id.", errors=[403, 404], security=WITH_APP_KEY)
    def create(self, asked: requests.PhotoAsFile | requests.PhotoByKey) -> answers.NewId:
        """Any member. By its key in the storage, or as a file. The same again is the same photo."""
        source = self._source(asked)
        album = Album.objects.visible_to(self.caller).get(pk=asked.album_id)
        facts = msgspec.convert(asked, services.PhotoFacts, from_attributes=True)
        if isinstance(asked, requests.PhotoAsFile):
            photo = services.store_photo(user=self.caller, album=album, file=asked.file, facts=facts)
        else:
            photo = services.register_photo(user=self.caller, album=album, s3_path=asked.s3_path, facts=facts)
        if source:
            app, device_id = source
            link_photo(app=app, device_id=device_id, photo=photo, user=self.caller)
        return answers.NewId(id=photo.pk)

    def _source(self, asked: requests.NewPhoto) -> tuple[App, str] | None:
        """The app, known by its key, and its device that the photo comes from; None when it comes from none."""
        key = key_of_request(self.request)
        if asked.device_id is None:
            return None
        if key is None:
            raise BadInput("Parameter device_id goes with the app's key in the header api_key.")
        return key.app, str(asked.device_id)

    @operation("A photo, with what the members said of it", answer="The photo.")
    def retrieve(self, photo_id: SentId) -> photos.Photo:
        """`renditions` may be there while `status` is `processing`: it can be shown before its faces are known."""
        return self._answer(self._photo(photo_id))

    @operation("Likes or dislikes a photo")
    def set_filter(
        self,
        photo_id: SentId,
        *,
        type: Annotated[FreeText, rules("`like` or `dislike`; anything else takes it back.")] = "",  # noqa: A002
    ) -> None:
        services.set_like(photo=self._photo(photo_id), user=self.caller, kind=type)

    @operation("Says how the caller's device names the photo")
    def set_local_id(self, photo_id: SentId, *, photo_local_id: MembersOwn) -> None:
        services.set_photo_local_id(photo=self._photo(photo_id), user=self.caller, value=photo_local_id)

    @operation("Says where faces are on a photo", answer="The photo.", errors=[403])
    def set_faces_data(
        self,
        photo_id: SentId,
        *,
        rectangles: Rectangles | None = None,
        detected_faces_data: dict[str, Any] | None = None,
    ) -> photos.Photo:
        """The photo's owner only. It goes before what the server finds."""
        photo, plain = self._photo(photo_id), msgspec.to_builtins(rectangles)
        if photo.owner_id != self.caller.pk:
            raise PermissionDenied("Only the photo's owner may do this.")
        services.set_faces_data(photo=photo, rectangles=plain, detected_data=detected_faces_data)
        return self._answer(photo)

    @operation("Deletes a photo", answer="As it was.", errors=[403])
    def trash(self, photo_id: SentId) -> answers.PhotoRemoved:
        """The photo's owner, or the album's. It is kept for 30 days, and seen by nobody.

        What the album's owner deletes, the photo's owner keeps in their library, and nobody else brings back to
        the album.
        """
        photo = services.photo_to_delete(user=self.caller, photo_id=parse_id(photo_id))
        services.trash_photo(photo=photo, by=self.caller)
        return answers.PhotoRemoved(msg="ok", removed_photo=self._answer(photo))

    def _answer(self, photo: Photo) -> photos.Photo:
        seen, opinions = photo_alone(photo, self.caller)
        return photos.Photo.of(seen, self.media, **photos.opinion_members(opinions))

    def _photo(self, photo_id: str) -> Photo:
        """The photo, if the caller may see it; an unknown one and somebody else's are equally not there."""
        visible = Photo.objects.visible_to(self.caller).select_related("original")
        return visible.get(pk=parse_id(photo_id))
