"""The algorithm's side: a program that takes pending albums, decides who is on which photo, and says so."""

import hmac
from collections.abc import Set
from uuid import UUID

from django.conf import settings
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.facebook import GraphUnavailable
from accounts.models import User
from accounts.services.facebook import get_facebook_data
from albums import services as albums
from albums.models import Album
from albums.models import PendingAlbum as StoredPendingAlbum
from core.batching import batched
from faces import services as faces
from faces.member_view import album_seen
from faces.models import FaceModel, Selfie
from photos.models import Photo
from pickeez_site.dialects.pickeez.dialect import THE_PASSWORD
from pickeez_site.dialects.pickeez.reading import READER
from pickeez_site.dialects.pickeez.viewsets import PickeezViewSet
from pickeez_site.dialects.pickeez.wire import PendingAlbum
from pickeez_site.dialects.pickeez.wire.answers import (
    OK,
    AlbumInQueue,
    AlbumsInQueue,
    Decided,
    DecisionLog,
    Dequeued,
    Looks,
    Message,
    NothingPending,
    PendingModel,
    Picture,
    PictureOfUser,
    Queued,
    UserModel,
)
from pickeez_site.dialects.pickeez.wire.requests import (
    MAX_DECIDED_PHOTOS,
    AskedAlbum,
    AskedModel,
    AskedUser,
    Decisions,
    NewModel,
)
from pickeez_site.dialects.viewsets import operation
from pickeez_site.dialects.wire import BadInput, rendered, to_json
from pickeez_site.dialects.wire.values import parse_id

QUEUE, FACES = "The algorithm: albums", "The algorithm: face models"
MAX_PENDING = 5000
MAX_DECISIONS = 100_000
NO_ALBUM = NothingPending(status="empty", msg="empty")
NO_USER = Message(msg="empty")


class KnowsThePassword(BasePermission):
    """The parameter `password` or the header `X-Algo-Password`; with none configured nobody knows it."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        given = request.headers.get("X-Algo-Password") or READER.credential(request, "password") or ""
        right = settings.ALGO_PASSWORD
        if not right or not hmac.compare_digest(given.encode(), right.encode()):
            raise AuthenticationFailed("wrong password.")
        return True


class AlgorithmViewSet(PickeezViewSet):
    permission_classes = [KnowsThePassword]


class AlbumQueueViewSet(AlgorithmViewSet):
    section = QUEUE

    @operation(
        "Takes the next pending album",
        answer="The album with its photos; or that there is none.",
        answer_example=NO_ALBUM,
        errors=[404],
        security=THE_PASSWORD,
    )
    def get_pending(self, request: Request, asked: AskedAlbum) -> PendingAlbum | NothingPending:
        """It is handed out to nobody else, until it is touched or set pending again."""
        album_id = asked.forced_album_id
        if not album_id:
            candidates = StoredPendingAlbum.objects.ready().filter(wanted_here=False)
            claimed = albums.claim_pending_album(candidates=candidates, leased=False)
            if not claimed:
                return NO_ALBUM
            album_id = claimed[0]
        album = Album.objects.alive().select_related("owner").get(pk=album_id)
        return PendingAlbum.of(album_seen(album, None, photos_after=asked.photos_after), self.media)

    @operation(
        "All albums in the queue",
        answer="Also those that are not quiet yet; nothing is taken.",
        answer_example=AlbumsInQueue(pending_albums=[], msg="ok"),
        security=THE_PASSWORD,
    )
    def all_pending(self, request: Request) -> AlbumsInQueue:
        rows = StoredPendingAlbum.objects.queued().order_by("touched_at")[:MAX_PENDING]
        pending = [
            AlbumInQueue(album_id=row.album_id, time_updated=row.touched_at, done_uploading=row.done_uploading)
            for row in rows
        ]
        return AlbumsInQueue(pending_albums=pending, msg="ok")

    @operation("Queues every album", answer_example=Queued(msg="ok", pending_count=2), security=THE_PASSWORD)
    def set_all_as_pending(self, request: Request) -> Queued:
        return Queued(msg="ok", pending_count=albums.queue_all_albums())

    @operation("Empties the queue", answer_example=Dequeued(msg="ok", removed_count=2), security=THE_PASSWORD)
    def remove_pending(self, request: Request) -> Dequeued:
        return Dequeued(msg="ok", removed_count=albums.clear_queue())


class DecisionViewSet(AlgorithmViewSet):
    section = QUEUE

    @operation(
        "Says who is on which photo",
        answer_example=Decided(
            msg="ok, set",
            log=DecisionLog(photos_set=0, unknown_photos=["photo_id"], unknown_users=["user_id_1"]),
        ),
        security=THE_PASSWORD,
        example={"photos": {"photo_id": {"user_id_1": True, "user_id_2": False}}},
    )
    def set(self, request: Request, asked: Decisions) -> Decided:
        """What is known is applied, what is unknown named in `log`. Users who are set true get a push."""
        given = asked.photos
        if len(given) > MAX_DECIDED_PHOTOS or sum(map(len, given.values())) > MAX_DECISIONS:
            raise BadInput(f"At most {MAX_DECIDED_PHOTOS} photos and {MAX_DECISIONS} decisions at once.")
        sent_users = {user for decided in given.values() for user in decided}
        photos, users = _known(Photo, given.keys()), _known(User, sent_users)
        decisions = {
            photos[photo]: {users[user]: shows for user, shows in decided.items() if user in users}
            for photo, decided in given.items()
            if photo in photos
        }
        faces.save_decisions(decisions=decisions)
        log = DecisionLog(
            photos_set=len(decisions),
            unknown_photos=sorted(given.keys() - photos.keys()),
            unknown_users=sorted(sent_users - users.keys()),
        )
        return Decided(msg="ok, set", log=log)


def _known(model: type[Photo] | type[User], sent: Set[str]) -> dict[str, UUID]:
    """The ids among those sent that exist."""
    ids = {text: parse_id(text) for text in sent}
    existing: set[UUID] = set()
    for some in batched(list(ids.values())):
        existing.update(model._default_manager.filter(pk__in=some).values_list("pk", flat=True))
    return {text: parsed for text, parsed in ids.items() if parsed in existing}


class FaceModelViewSet(AlgorithmViewSet):
    section = FACES

    @operation(
        "Takes the next user without a face model",
        answer="The user with their pictures; or that there is none.",
        answer_example=NO_USER,
        errors=[404],
        security=THE_PASSWORD,
    )
    def pending(self, request: Request, asked: AskedUser) -> PendingModel | Message:
        forced = asked.forced_user_id
        user = User.objects.get(pk=forced) if forced else faces.claim_pending_model()
        if user is None:
            return NO_USER
        try:
            looks = self._at_facebook(user, asked.limit) if user.fb_id else self._own_pictures(user)
        except GraphUnavailable:
            if not forced:
                faces.release_pending_model(user=user)
            raise
        return PendingModel(user_id=user.pk, fb_data=looks)

    def _at_facebook(self, user: User, limit: int) -> Looks:
        return rendered(Looks, to_json(get_facebook_data(user=user, limit=limit)))

    def _own_pictures(self, user: User) -> Looks:
        """The pictures that somebody without Facebook has given, in Facebook's shape."""
        selfies = Selfie.objects.accepted().filter(user=user, source=Selfie.Source.SELFIE).order_by("pk")
        sources = [self.media.selfie(selfie) for selfie in selfies]
        if user.pic_url:
            sources.insert(0, user.pic_url)
        pictures = [Picture(source=source, width=None, height=None) for source in sources]
        return Looks(
            user_fb_id=None,
            profile_pics=[PictureOfUser(image=picture) for picture in pictures],
            tagged_pics=[],
        )

    @operation(
        "Has a model made of every user anew",
        answer_example=Queued(msg="ok", pending_count=2),
        security=THE_PASSWORD,
    )
    def make_all_pending(self, request: Request) -> Queued:
        return Queued(msg="ok", pending_count=faces.make_all_models_pending())

    @operation(
        "A user's face model",
        answer='As it was set; "empty" for none.',
        answer_example=UserModel(model={"nose": 3}),
        errors=[404],
        security=THE_PASSWORD,
    )
    def retrieve(self, request: Request, asked: AskedModel) -> UserModel:
        user_id = asked.forced_user_id or asked.user_id
        if user_id is None:
            raise BadInput(READER.missing("user_id"))
        user = User.objects.get(pk=user_id)
        model = FaceModel.objects.filter(user=user).first()
        return UserModel(model="empty" if model is None or model.model is None else model.model)

    @operation("Sets a user's face model", answer="Set.", answer_example=OK, errors=[404], security=THE_PASSWORD)
    def set(self, request: Request, asked: NewModel) -> Message:
        faces.set_model(user=User.objects.get(pk=asked.user_id), model=asked.model)
        return OK
