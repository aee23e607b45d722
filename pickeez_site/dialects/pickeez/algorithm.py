"""The algorithm's side: a program that takes pending albums, decides who is on which photo, and says so."""

import hmac
from collections.abc import Set
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.facebook import GraphUnavailable
from accounts.models import User
from accounts.services import Credential, check_guesses, note_wrong_guess
from accounts.services.facebook import get_facebook_data
from albums.models import Album, PendingAlbum
from albums.selectors import taken_until
from albums.services import clear_queue, hand_out_album, queue_all_albums, renew_lease
from core.batching import batched
from faces import services as faces
from faces.member_view import album_seen
from faces.models import FaceModel, Selfie
from photos.models import Photo
from pickeez_site.dialects.pickeez.dialect import THE_PASSWORD
from pickeez_site.dialects.pickeez.reading import READER
from pickeez_site.dialects.pickeez.viewsets import PickeezViewSet, operation
from pickeez_site.dialects.pickeez.wire import albums, answers
from pickeez_site.dialects.pickeez.wire.requests import MAX_DECIDED_PHOTOS, Decisions, PhotosAfter
from pickeez_site.dialects.wire import BadInput, Id, from_attributes, rendered, to_json
from pickeez_site.dialects.wire.types import rules
from pickeez_site.dialects.wire.values import parse_id, timestamp
from pickeez_site.serving.proxies import client_address

MAX_PENDING = 5000
MAX_DECISIONS = 100_000
DEFAULT_PICTURES, MAX_PICTURES = 100, 1000


class KnowsThePassword(BasePermission):
    """The parameter `password` or the header `X-Algo-Password`; with none configured nobody knows it."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        given = request.headers.get("X-Algo-Password") or READER.credential(request, "password") or ""
        right, address = settings.ALGO_PASSWORD, client_address(request)
        check_guesses(credential=Credential.ALGORITHM_PASSWORD, address=address)
        if not right or not hmac.compare_digest(given.encode(), right.encode()):
            if given:
                note_wrong_guess(credential=Credential.ALGORITHM_PASSWORD, address=address)
            raise AuthenticationFailed("wrong password.")
        return True


class AlgorithmViewSet(PickeezViewSet):
    permission_classes = [KnowsThePassword]
    security = THE_PASSWORD


class AlbumQueueViewSet(AlgorithmViewSet):
    section = "The algorithm: albums"

    @operation(
        "Takes the next pending album",
        answer="The album with its photos; or that there is none.",
        errors=[404],
        changes=True,
    )
    def get_pending(
        self,
        *,
        photos_after: PhotosAfter = None,
        forced_album_id: Annotated[Id, rules("This album; nothing is taken from the queue.")] | None = None,
    ) -> albums.PendingAlbum | answers.NothingPending:
        """It is handed out again when it is touched or set pending, or when nothing is heard of it until
        `taken_until`. Asking for it by its id, or saying who is on its photos, renews that time.
        """
        album_id = forced_album_id or hand_out_album()
        if not album_id:
            return answers.NothingPending(status="empty", msg="empty")
        album = Album.objects.alive().select_related("owner").get(pk=album_id)
        if forced_album_id:
            renew_lease(album_id=album_id)
        page = album_seen(album, None, photos_after=photos_after)
        return albums.PendingAlbum.of(page, self.media, taken_until(album_id))

    @operation("All albums in the queue", answer="Also those that are not quiet yet; nothing is taken.")
    def all_pending(self) -> answers.AlbumsInQueue:
        rows = PendingAlbum.objects.queued().order_by("touched_at")[:MAX_PENDING]
        pending = [from_attributes(answers.AlbumInQueue, row) for row in rows]
        return answers.AlbumsInQueue(pending_albums=pending, msg="ok")

    @operation("Queues every album", changes=True)
    def set_all_as_pending(self) -> answers.Queued:
        return answers.Queued(msg="ok", pending_count=queue_all_albums())

    @operation("Empties the queue", changes=True)
    def remove_pending(self) -> answers.Dequeued:
        return answers.Dequeued(msg="ok", removed_count=clear_queue())

    @operation("Says who is on which photo")
    def set_photos(self, *, photos: Decisions) -> answers.Decided:
        """What is known is applied, what is unknown named in `log`. Users who are set true get a push."""
        if len(photos) > MAX_DECIDED_PHOTOS or sum(map(len, photos.values())) > MAX_DECISIONS:
            raise BadInput(f"At most {MAX_DECIDED_PHOTOS} photos and {MAX_DECISIONS} decisions at once.")
        sent_users = {user for decided in photos.values() for user in decided}
        known, users = _known(Photo, photos.keys()), _known(User, sent_users)
        decisions = {
            known[photo]: {users[user]: shows for user, shows in decided.items() if user in users}
            for photo, decided in photos.items()
            if photo in known
        }
        faces.save_decisions(decisions=decisions)
        log = answers.DecisionLog(
            photos_set=len(decisions),
            unknown_photos=sorted(photos.keys() - known.keys()),
            unknown_users=sorted(sent_users - users.keys()),
        )
        return answers.Decided(msg="ok, set", log=log)


def _known(model: type[Photo] | type[User], sent: Set[str]) -> dict[str, UUID]:
    """The ids among those sent that exist."""
    ids = {text: parse_id(text) for text in sent}
    existing: set[UUID] = set()
    for some in batched(list(ids.values())):
        existing.update(model._default_manager.filter(pk__in=some).values_list("pk", flat=True))
    return {text: parsed for text, parsed in ids.items() if parsed in existing}


class FaceModelViewSet(AlgorithmViewSet):
    section = "The algorithm: face models"

    @operation(
        "Takes the next user without a face model",
        answer="The user with their pictures; or that there is none.",
        errors=[404],
        changes=True,
    )
    def pending(
        self,
        *,
        forced_user_id: Annotated[Id | None, rules("This user; nothing is marked.")] = None,
        limit: Annotated[int, rules("Of tagged pictures.", ge=1, le=MAX_PICTURES)] = DEFAULT_PICTURES,
    ) -> answers.PendingModel | answers.Message:
        user = User.objects.get(pk=forced_user_id) if forced_user_id else faces.claim_pending_model()
        if user is None:
            return answers.Message(msg="empty")
        try:
            at_facebook = get_facebook_data(user=user, limit=limit) if user.fb_id else None
        except GraphUnavailable:
            if not forced_user_id:
                faces.release_pending_model(user=user)
            raise
        looks = rendered(answers.Looks, to_json(at_facebook)) if at_facebook else self._own_pictures(user)
        return answers.PendingModel(user_id=user.pk, fb_data=looks)

    def _own_pictures(self, user: User) -> answers.Looks:
        """The pictures that somebody without Facebook has given, in Facebook's shape."""
        selfies = Selfie.objects.accepted().filter(user=user, source=Selfie.Source.SELFIE).order_by("pk")
        sources = [self.media.selfie(selfie) for selfie in selfies]
        if user.pic_url:
            sources.insert(0, user.pic_url)
        pictures = [answers.Picture(source=source, width=None, height=None) for source in sources]
        of_user = [answers.PictureOfUser(image=picture) for picture in pictures]
        return answers.Looks(user_fb_id=None, profile_pics=of_user, tagged_pics=[])

    @operation("Empties every user's model, so that all are made anew", changes=True)
    def make_all_pending(self) -> answers.Queued:
        return answers.Queued(msg="ok", pending_count=faces.make_all_models_pending())

    @operation(
        "A user's face model",
        answer='As it was set; "empty" for none, `{"retrieved_at": time}` when it was taken and is not set yet.',
        errors=[404],
    )
    def retrieve(
        self,
        *,
        user_id: Annotated[Id | None, rules("Needed without `forced_user_id`.")] = None,
        forced_user_id: Annotated[Id | None, rules("Goes before `user_id`.")] = None,
    ) -> answers.UserModel:
        wanted = forced_user_id or user_id
        if wanted is None:
            raise BadInput(READER.missing("user_id"))
        user = User.objects.get(pk=wanted)
        model = FaceModel.objects.filter(user=user).first()
        if model is None or model.taken_at is None:
            return answers.UserModel(model=faces.EMPTY)
        taken = {"retrieved_at": timestamp(model.taken_at)}
        return answers.UserModel(model=taken if model.model is None else model.model)

    @operation("Sets a user's face model", answer="Set.", errors=[404])
    def set(
        self,
        *,
        user_id: Id,
        model: Annotated[Any, rules("Any JSON but null; `empty` for none.", schema={"not": {"type": "null"}})],
    ) -> None:
        """`empty`, also as a bare word in a form or the query string, makes the user pending again."""
        faces.set_model(user=User.objects.get(pk=user_id), model=model)
