"""Archives of a group's pictures."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from photos import models
from photos.services import RequestedPicture, request_zip
from pickeez_site.dialects.picthrive import wire
from pickeez_site.dialects.picthrive.dialect import PicThriveViewSet, operation
from pickeez_site.dialects.wire import BadInput, SentId
from pickeez_site.dialects.wire.values import parse_id
from pickeez_site.serving.media import SignedPicture, extensions_of, parse_media_path

NO_SUFFIX = "File must be a photo's URL suffix, exactly as it was given out."


class ZipViewSet(PicThriveViewSet):
    section = "Archives"

    @operation("Asks for an archive of a group's pictures", answer="Where to ask how far it is.")
    def create(
        self, group_id: SentId, *, photos: wire.WantedPictures, name: wire.ZipName = None
    ) -> wire.ZipStatus:
        """The worker makes it; it is kept for a day."""
        wanted = [_named(picture) for picture in photos]
        album = self.group(group_id)
        visible = models.Photo.objects.visible_to(self.caller).filter(album=album).select_related("original")
        found = visible.in_bulk(list({named.photo_id for named in wanted}))
        if any(named.photo_id not in found for named in wanted):
            raise models.Photo.DoesNotExist
        if not all(named.extension in extensions_of(found[named.photo_id], named.kind) for named in wanted):
            raise BadInput(NO_SUFFIX)
        pictures = [
            RequestedPicture(found[named.photo_id], named.kind, picture.file_name or "")
            for named, picture in zip(wanted, photos, strict=True)
        ]
        archive = request_zip(album=album, user=self.caller, name=name or album.name, pictures=pictures)
        return wire.ZipStatus(status=settings.PUBLIC_URL + reverse("picthrive-zip", args=[archive.pk]))

    @operation("How far an archive is", answer="How far it is.")
    def status(self, zip_id: SentId) -> wire.Zip:
        """Only to who asked for it."""
        current = models.Zip.objects.filter(user=self.caller, expires_at__gt=timezone.now())
        return wire.Zip.of(current.get(pk=parse_id(zip_id)))


def _named(picture: wire.WantedPicture) -> SignedPicture:
    """The picture that an item of `Photos` names."""
    named = parse_media_path(picture.file)
    if named is None or named.kind not in wire.KINDS:
        raise BadInput(NO_SUFFIX)
    return named
