"""Albums: shared by phone number, each member sees who is on the photos."""

from typing import Annotated

from django.core.exceptions import PermissionDenied

from albums import services
from albums.models import Album
from albums.selectors import invited_phones, left_album
from faces.member_view import MAX_ALBUMS, album_seen, albums_seen
from pickeez_site.dialects.pickeez.phones import phone_from
from pickeez_site.dialects.pickeez.viewsets import PickeezViewSet, operation
from pickeez_site.dialects.pickeez.wire import albums, answers
from pickeez_site.dialects.pickeez.wire.requests import FreeText, MembersOwn, NewLocalId, Phones, PhotosAfter
from pickeez_site.dialects.viewsets import Answer
from pickeez_site.dialects.wire import Id, SentId
from pickeez_site.dialects.wire.types import rules
from pickeez_site.dialects.wire.values import parse_id

THE_ALBUM = Answer("The album with its people and photos.")


class AlbumViewSet(PickeezViewSet):
    section = "Albums"

    @operation("Makes an album", answer="The same id twice.")
    def create(self, *, name: FreeText = "", album_local_id: NewLocalId = "") -> answers.AlbumIds:
        album = services.create_album(owner=self.caller, name=name, local_id=album_local_id)
        return answers.AlbumIds(id=album.pk, album_id=album.pk)

    @operation(
        "The caller's albums, newest first", answer=f"At most {MAX_ALBUMS}; fewer when they hold many photos."
    )
    def mine(
        self,
        *,
        limit: Annotated[int, rules(ge=1, le=MAX_ALBUMS)] = MAX_ALBUMS,
        before: Annotated[Id | None, rules("`next_before` of the answer before.")] = None,
        photos: bool = True,
    ) -> albums.Albums:
        """Those they own, and those that have invited their verified phone."""
        page = albums_seen(self.caller, before=before, limit=limit, with_photos=photos)
        return albums.Albums(albums=albums.Album.all_of(page, self.media), next_before=page.next_before)

    @operation("An album with its photos, grouped by users", answer=THE_ALBUM)
    def retrieve(self, album_id: SentId, *, photos_after: PhotosAfter = None) -> albums.Album:
        return self._answer(self.album(album_id), photos_after)

    @operation("Changes an album, or deletes it", answer=THE_ALBUM, errors=[403])
    def update(
        self,
        album_id: SentId,
        *,
        photos_after: PhotosAfter = None,
        name: FreeText | None = None,
        album_local_id: NewLocalId | None = None,
        local_album_id: Annotated[FreeText | None, rules("Another spelling of `album_local_id`.")] = None,
        public_page: Annotated[
            bool | None,
            rules("Whether the invite page, and PicThrive's public view, show it to who is no member."),
        ] = None,
        deleted: bool = False,
    ) -> albums.Album:
        """The owner only. What is not sent stays."""
        album = self._own(album_id, also_deleted=deleted)
        if deleted:
            services.delete_album(album=album)
        else:
            local_id = local_album_id if album_local_id is None else album_local_id
            services.update_album(
                album=album, user=self.caller, name=name, local_id=local_id, public_page=public_page
            )
        return self._answer(album, photos_after)

    @operation("Says how the caller's device names the album")
    def set_local_id(self, album_id: SentId, *, album_local_id: MembersOwn) -> None:
        services.set_local_id(album=self.album(album_id), user=self.caller, value=album_local_id)

    @operation("Notes that the caller has seen the album")
    def viewed(self, album_id: SentId) -> None:
        services.mark_viewed(album=self.album(album_id), user=self.caller)

    @operation("Deletes an album", answer=THE_ALBUM, errors=[403])
    def trash(self, album_id: SentId) -> albums.Album:
        """The owner only. It is kept for 30 days, and seen by nobody."""
        album = self._own(album_id, also_deleted=True)
        services.delete_album(album=album)
        return self._answer(album)

    @operation("Says that the album is ready to be processed", answer="Queued.")
    def done_uploading(self, album_id: SentId) -> answers.Message:
        """Any member. The others get a push."""
        services.mark_done_uploading(album=self.album(album_id), user=self.caller)
        return answers.Message(msg="updated done uploading")

    def album(self, album_id: str) -> Album:
        """The album, if the caller may see it; an unknown one and somebody else's are equally not there."""
        visible = Album.objects.visible_to(self.caller).select_related("owner")
        return visible.get(pk=parse_id(album_id))

    def _answer(self, album: Album, photos_after: Id | None = None) -> albums.Album:
        return albums.Album.of(album_seen(album, self.caller, photos_after=photos_after), self.media)

    def _own(self, album_id: str, *, also_deleted: bool = False) -> Album:
        """The caller's own album; also one that they deleted, where deleting may be repeated."""
        mine = Album.objects.filter(owner=self.caller).select_related("owner")
        if also_deleted and (album := mine.filter(pk=parse_id(album_id)).first()):
            return album
        album = self.album(album_id)
        if album.owner_id != self.caller.pk:
            raise PermissionDenied("Only the album's owner may do this.")
        return album


class InvitationViewSet(AlbumViewSet):
    section = "Invitations"

    @operation("Invites phones, or removes them", answer="Who is invited now.", errors=[403, 429])
    def invite_phones(self, album_id: SentId, *, phones: Phones, remove: bool = False) -> answers.Invited:
        """The owner only; a member may remove their own number, and leaves.

        A removed member no longer sees the album, and their photos leave it, but stay in their library; invited
        again, their photos are back. Leaving may be repeated: the answer is the first one's.
        """
        numbers = [phone_from(number, self.caller) for number in phones]
        is_leaving = remove and set(numbers) == {self.caller.verified_phone}
        album = Album.objects.visible_to(self.caller).select_related("owner").filter(pk=parse_id(album_id)).first()
        if album is None and is_leaving:
            left, at = left_album(user=self.caller, album_id=parse_id(album_id))
            return answers.Invited(updated_album_phones=invited_phones(left, at=at), link_id=left.pk)
        if album is None:
            raise Album.DoesNotExist
        if album.owner_id == self.caller.pk:
            change = services.uninvite_phones if remove else services.invite_phones
            change(album=album, phones=numbers)
        elif is_leaving:
            services.leave_album(album=album, user=self.caller)
        else:
            raise PermissionDenied("Only the album's owner may change who is invited.")
        return answers.Invited(updated_album_phones=invited_phones(album), link_id=album.pk)
